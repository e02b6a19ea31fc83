-- omop.death: one row per person whom the EHR records as dead. Events after death are kept where they are.
-- Reads raw.ehr_patient, vault.person_map, omop.concept.
SELECT
    pm.person_id AS person_id,
    local_date(p.deathdate) - pm.date_offset_days AS death_date,
    local_timestamp(p.deathdate) - to_days(pm.date_offset_days) AS death_datetime,
    coalesce(t.concept_id, 0) AS death_type_concept_id,
    0 AS cause_concept_id,  -- No matching concept
    cast(NULL AS VARCHAR) AS cause_source_value,
    0 AS cause_source_concept_id  -- No matching concept
FROM raw.ehr_patient AS p
INNER JOIN vault.person_map AS pm ON p.id = pm.ehr_patient_id
LEFT JOIN omop.concept AS t
    ON t.vocabulary_id = 'Type Concept' AND t.concept_code = 'OMOP4976890'  -- EHR
WHERE p.deathdate IS NOT NULL
