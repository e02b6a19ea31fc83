-- omop.condition_occurrence: one row per event of the EHR and standard condition that it maps to; key: event_key.
-- Uses view source_event.
SELECT
    omop_key('condition', e.event_key) AS condition_occurrence_id,
    e.person_id AS person_id,
    e.concept_id AS condition_concept_id,
    e.start_date AS condition_start_date,
    e.start_datetime AS condition_start_datetime,
    e.end_date AS condition_end_date,
    e.end_datetime AS condition_end_datetime,
    e.type_concept_id AS condition_type_concept_id,
    0 AS condition_status_concept_id,  -- No matching concept
    cast(NULL AS VARCHAR) AS stop_reason,
    e.provider_id AS provider_id,
    e.visit_occurrence_id AS visit_occurrence_id,
    cast(NULL AS BIGINT) AS visit_detail_id,
    e.code AS condition_source_value,
    e.source_concept_id AS condition_source_concept_id,
    cast(NULL AS VARCHAR) AS condition_status_source_value
FROM source_event AS e
WHERE e.target_table = 'condition_occurrence'
