-- omop.observation: one row per event of the EHR and standard concept of any other domain; key: event_key.
-- Uses view source_event.
SELECT
    omop_key('observation', e.event_key) AS observation_id,
    e.person_id AS person_id,
    e.concept_id AS observation_concept_id,
    e.start_date AS observation_date,
    e.start_datetime AS observation_datetime,
    e.type_concept_id AS observation_type_concept_id,
    e.value_as_number AS value_as_number,
    left(e.value_as_text, 60) AS value_as_string,
    e.value_as_concept_id AS value_as_concept_id,
    cast(NULL AS BIGINT) AS qualifier_concept_id,
    e.unit_concept_id AS unit_concept_id,
    e.provider_id AS provider_id,
    e.visit_occurrence_id AS visit_occurrence_id,
    cast(NULL AS BIGINT) AS visit_detail_id,
    e.code AS observation_source_value,
    e.source_concept_id AS observation_source_concept_id,
    e.unit_source_value AS unit_source_value,
    cast(NULL AS VARCHAR) AS qualifier_source_value,
    e.value_source_value AS value_source_value,
    cast(NULL AS BIGINT) AS observation_event_id,
    cast(NULL AS BIGINT) AS obs_event_field_concept_id
FROM source_event AS e
WHERE e.target_table = 'observation'
