-- omop.visit_occurrence: one row per encounter of the EHR; key: the encounter's id.
-- Reads raw.ehr_encounter, raw.ehr_organization, vault.person_map, omop.concept.
-- Uses view visit_key.
-- An end before the start, or none, is taken to be the start. admitted_from and discharged_to: the EHR does not say.
WITH class_code (encounter_class, vocabulary_id, concept_code) AS (
    VALUES
    ('inpatient', 'Visit', 'IP'),
    ('outpatient', 'Visit', 'OP'),
    ('ambulatory', 'Visit', 'OP'),
    ('wellness', 'Visit', 'OP'),
    ('emergency', 'Visit', 'ER'),
    ('urgentcare', 'CMS Place of Service', '20'),  -- Urgent Care Facility
    ('snf', 'CMS Place of Service', '31'),  -- Skilled Nursing Facility
    ('hospice', 'CMS Place of Service', '34'),  -- Hospice
    ('home', 'CMS Place of Service', '12'),  -- Home
    ('virtual', 'CMS Place of Service', '02')  -- Telehealth
),

encounter AS (
    SELECT
        e.id,
        e.organization,
        lower(trim(e.encounterclass)) AS encounter_class,
        pm.person_id,
        local_date(e.start) - pm.date_offset_days AS start_date,
        local_timestamp(e.start) - to_days(pm.date_offset_days) AS start_at,
        greatest(local_date(e.stop), local_date(e.start)) - pm.date_offset_days AS end_date,
        greatest(local_timestamp(e.stop), local_timestamp(e.start)) - to_days(pm.date_offset_days) AS end_at
    FROM raw.ehr_encounter AS e
    LEFT JOIN vault.person_map AS pm ON e.patient = pm.ehr_patient_id
)

SELECT
    k.visit_occurrence_id AS visit_occurrence_id,
    e.person_id AS person_id,
    coalesce(c.concept_id, 0) AS visit_concept_id,
    e.start_date AS visit_start_date,
    e.start_at AS visit_start_datetime,
    e.end_date AS visit_end_date,
    e.end_at AS visit_end_datetime,
    coalesce(t.concept_id, 0) AS visit_type_concept_id,
    k.provider_id AS provider_id,
    CASE WHEN o.id IS NOT NULL THEN omop_key('care_site', o.id) END AS care_site_id,
    left(e.encounter_class, 50) AS visit_source_value,
    0 AS visit_source_concept_id,  -- No matching concept
    0 AS admitted_from_concept_id,  -- No matching concept
    cast(NULL AS VARCHAR) AS admitted_from_source_value,
    0 AS discharged_to_concept_id,  -- No matching concept
    cast(NULL AS VARCHAR) AS discharged_to_source_value,
    cast(NULL AS BIGINT) AS preceding_visit_occurrence_id
FROM encounter AS e
INNER JOIN visit_key AS k ON e.id = k.encounter_id
LEFT JOIN raw.ehr_organization AS o ON e.organization = o.id
LEFT JOIN class_code AS cc ON e.encounter_class = cc.encounter_class
LEFT JOIN omop.concept AS c ON cc.vocabulary_id = c.vocabulary_id AND cc.concept_code = c.concept_code
LEFT JOIN omop.concept AS t
    ON t.vocabulary_id = 'Type Concept' AND t.concept_code = 'OMOP4976900'  -- EHR encounter record
