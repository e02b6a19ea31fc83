-- omop.measurement: one row per event of the EHR and standard measurement that it maps to; key: event_key.
-- Uses view source_event.
SELECT
    omop_key('measurement', e.event_key) AS measurement_id,
    e.person_id AS person_id,
    e.concept_id AS measurement_concept_id,
    e.start_date AS measurement_date,
    e.start_datetime AS measurement_datetime,
    strftime(e.start_datetime, '%H:%M:%S') AS measurement_time,
    e.type_concept_id AS measurement_type_concept_id,
    cast(NULL AS BIGINT) AS operator_concept_id,
    e.value_as_number AS value_as_number,
    e.value_as_concept_id AS value_as_concept_id,
    e.unit_concept_id AS unit_concept_id,
    cast(NULL AS DOUBLE) AS range_low,
    cast(NULL AS DOUBLE) AS range_high,
    e.provider_id AS provider_id,
    e.visit_occurrence_id AS visit_occurrence_id,
    cast(NULL AS BIGINT) AS visit_detail_id,
    e.code AS measurement_source_value,
    e.source_concept_id AS measurement_source_concept_id,
    e.unit_source_value AS unit_source_value,
    e.unit_source_concept_id AS unit_source_concept_id,
    e.value_source_value AS value_source_value,
    cast(NULL AS BIGINT) AS measurement_event_id,
    cast(NULL AS BIGINT) AS meas_event_field_concept_id
FROM source_event AS e
WHERE e.target_table = 'measurement'
