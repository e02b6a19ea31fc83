-- ehr_imaging_order: one row per imaging study of the EHR and name under which its images may arrive.
-- Reads raw.ehr_imaging_study, vault.person_map, imaging.series.
-- Names are already pseudonyms, made as the images' own were, so that both sides can be compared. Only persons who
-- have images are looked at.
WITH received_order AS (
    SELECT DISTINCT
        pm.person_id,
        local_date(i.date) - pm.date_offset_days AS order_date,
        omop_key('visit', i.encounter) AS visit_occurrence_id,
        nullif(trim(i.procedure_code), '') AS procedure_code,
        upper(trim(i.modality_code)) AS modality,
        nullif(trim(i.id), '') AS order_id,
        nullif(trim(i.series_uid), '') AS series_uid,
        nullif(trim(i.accession_number), '') AS accession_number
    FROM raw.ehr_imaging_study AS i
    INNER JOIN vault.person_map AS pm ON i.patient = pm.ehr_patient_id
    WHERE pm.person_id IN (SELECT s.person_id FROM imaging.series AS s)
),

named_order AS (
    SELECT
        'accession' AS link_method,
        accession_pseudonym(o.accession_number) AS name_pseudonym,
        o.*
    FROM received_order AS o
    UNION ALL
    SELECT
        'accession' AS link_method,
        accession_pseudonym(o.order_id) AS name_pseudonym,
        o.*
    FROM received_order AS o
    UNION ALL
    SELECT
        'imaging_study_uid' AS link_method,
        irw_uid(o.series_uid) AS name_pseudonym,
        o.*
    FROM received_order AS o
    UNION ALL
    SELECT
        'imaging_study_uid' AS link_method,
        irw_uid(o.order_id) AS name_pseudonym,
        o.*
    FROM received_order AS o
)

SELECT DISTINCT
    n.link_method AS link_method,
    n.name_pseudonym AS name_pseudonym,
    n.person_id AS person_id,
    n.order_date AS order_date,
    n.visit_occurrence_id AS visit_occurrence_id,
    n.procedure_code AS procedure_code,
    n.modality AS modality
FROM named_order AS n
WHERE n.name_pseudonym IS NOT NULL
