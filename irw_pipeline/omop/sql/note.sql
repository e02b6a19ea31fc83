-- omop.note: one row per note of the EHR whose text was cleaned; key: the note's id.
-- Reads raw.ehr_note, vault.person_map, omop.concept, imaging.link, imaging.series.
-- Uses frame cleaned_note.
-- Uses view visit_key.
-- The raw text and title are never read here: cleaned_note has them (note_id, note_text, note_title). A report points
-- to the procedure of the study that has its accession number.
WITH reported_procedure AS (
    SELECT
        s.person_id,
        s.accession_pseudonym,
        min(l.procedure_occurrence_id) AS procedure_occurrence_id
    FROM imaging.link AS l
    INNER JOIN imaging.series AS s ON l.series_instance_uid = s.series_instance_uid
    WHERE s.accession_pseudonym IS NOT NULL
    GROUP BY s.person_id, s.accession_pseudonym
),

received_note AS (
    SELECT
        n.id,
        n.encounter,
        n.patient,
        nullif(trim(n.accession_number), '') AS accession_number,
        n.type,
        pm.person_id,
        local_date(n.date) - pm.date_offset_days AS note_date,
        local_timestamp(n.date) - to_days(pm.date_offset_days) AS note_at,
        CASE
            WHEN lower(n.type) LIKE '%radiol%' OR n.accession_number IS NOT NULL
                THEN 'OMOP4976914'  -- EHR radiology report
            WHEN lower(n.type) LIKE '%pathol%' THEN 'OMOP4976908'  -- EHR Pathology report
            ELSE 'OMOP4976890'  -- EHR
        END AS type_code,
        CASE
            WHEN lower(n.type) LIKE '%radiol%' OR n.accession_number IS NOT NULL
                THEN '18748-4'  -- Diagnostic imaging study
            WHEN lower(n.type) LIKE '%pathol%' THEN '11526-1'  -- Pathology study
        END AS class_code
    FROM raw.ehr_note AS n
    LEFT JOIN vault.person_map AS pm ON n.patient = pm.ehr_patient_id
),

event_field AS (
    SELECT min(c.concept_id) AS concept_id
    FROM omop.concept AS c
    WHERE c.vocabulary_id = 'CDM' AND c.concept_name = 'procedure_occurrence.procedure_occurrence_id'
)

SELECT
    omop_key('note', n.id) AS note_id,
    n.person_id AS person_id,
    n.note_date AS note_date,
    n.note_at AS note_datetime,
    coalesce(t.concept_id, 0) AS note_type_concept_id,
    coalesce(k.concept_id, 0) AS note_class_concept_id,
    left(c.note_title, 250) AS note_title,
    c.note_text AS note_text,
    coalesce(u.concept_id, 0) AS encoding_concept_id,
    0 AS language_concept_id,  -- No matching concept: the EHR does not say
    v.provider_id AS provider_id,
    v.visit_occurrence_id AS visit_occurrence_id,
    cast(NULL AS BIGINT) AS visit_detail_id,
    left(n.type, 50) AS note_source_value,
    r.procedure_occurrence_id AS note_event_id,
    CASE WHEN r.procedure_occurrence_id IS NOT NULL THEN coalesce(f.concept_id, 0) END AS note_event_field_concept_id
FROM received_note AS n
INNER JOIN cleaned_note AS c ON n.id = c.note_id
LEFT JOIN visit_key AS v ON n.encounter = v.encounter_id AND n.patient = v.patient
LEFT JOIN reported_procedure AS r
    ON n.person_id = r.person_id AND accession_pseudonym(n.accession_number) = r.accession_pseudonym
LEFT JOIN omop.concept AS t ON t.vocabulary_id = 'Type Concept' AND n.type_code = t.concept_code
LEFT JOIN omop.concept AS k ON k.vocabulary_id = 'LOINC' AND n.class_code = k.concept_code
LEFT JOIN omop.concept AS u ON u.vocabulary_id = 'Metadata' AND u.concept_code = 'UTF-8'
CROSS JOIN event_field AS f
