-- omop.procedure_occurrence: one row per event of the EHR and standard procedure that it maps to, and one per imaging
-- study that the EHR has no procedure for; keys: event_key, and the study's UID.
-- Reads imaging.link, imaging.study, omop.concept, omop.visit_occurrence.
-- Uses view source_event.
WITH made_procedure AS (
    SELECT
        l.procedure_occurrence_id,
        l.person_id,
        s.study_date,
        s.modalities,
        min(l.visit_occurrence_id) AS visit_occurrence_id
    FROM imaging.link AS l
    INNER JOIN imaging.study AS s ON l.study_instance_uid = s.study_instance_uid
    WHERE l.is_procedure_made
    GROUP BY l.procedure_occurrence_id, l.person_id, s.study_date, s.modalities
)

SELECT
    omop_key('procedure', e.event_key) AS procedure_occurrence_id,
    e.person_id AS person_id,
    e.concept_id AS procedure_concept_id,
    e.start_date AS procedure_date,
    e.start_datetime AS procedure_datetime,
    e.end_date AS procedure_end_date,
    e.end_datetime AS procedure_end_datetime,
    e.type_concept_id AS procedure_type_concept_id,
    0 AS modifier_concept_id,  -- No matching concept
    cast(NULL AS INTEGER) AS quantity,
    e.provider_id AS provider_id,
    e.visit_occurrence_id AS visit_occurrence_id,
    cast(NULL AS BIGINT) AS visit_detail_id,
    e.code AS procedure_source_value,
    e.source_concept_id AS procedure_source_concept_id,
    cast(NULL AS VARCHAR) AS modifier_source_value
FROM source_event AS e
WHERE e.target_table = 'procedure_occurrence'
UNION ALL
SELECT
    m.procedure_occurrence_id AS procedure_occurrence_id,
    m.person_id AS person_id,
    0 AS procedure_concept_id,  -- No matching concept
    m.study_date AS procedure_date,
    cast(NULL AS TIMESTAMP) AS procedure_datetime,
    m.study_date AS procedure_end_date,
    cast(NULL AS TIMESTAMP) AS procedure_end_datetime,
    coalesce(t.concept_id, 0) AS procedure_type_concept_id,
    0 AS modifier_concept_id,  -- No matching concept
    cast(NULL AS INTEGER) AS quantity,
    v.provider_id AS provider_id,
    v.visit_occurrence_id AS visit_occurrence_id,
    cast(NULL AS BIGINT) AS visit_detail_id,
    left('DICOM ' || coalesce(m.modalities, ''), 50) AS procedure_source_value,
    0 AS procedure_source_concept_id,  -- No matching concept
    cast(NULL AS VARCHAR) AS modifier_source_value
FROM made_procedure AS m
LEFT JOIN omop.visit_occurrence AS v ON m.visit_occurrence_id = v.visit_occurrence_id
LEFT JOIN omop.concept AS t
    ON t.vocabulary_id = 'Type Concept' AND t.concept_code = 'OMOP4976953'  -- Standard algorithm
