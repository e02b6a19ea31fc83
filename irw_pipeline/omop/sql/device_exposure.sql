-- omop.device_exposure: one row per event of the EHR and standard device that it maps to; key: event_key.
-- Uses view source_event.
-- Of a UDI only the device identifier is kept, "(01)" and 14 digits: dates, lot and serial number may identify.
SELECT
    omop_key('device', e.event_key) AS device_exposure_id,
    e.person_id AS person_id,
    e.concept_id AS device_concept_id,
    e.start_date AS device_exposure_start_date,
    e.start_datetime AS device_exposure_start_datetime,
    e.end_date AS device_exposure_end_date,
    e.end_datetime AS device_exposure_end_datetime,
    e.type_concept_id AS device_type_concept_id,
    e.unique_device_id AS unique_device_id,
    cast(NULL AS VARCHAR) AS production_id,
    e.quantity AS quantity,
    e.provider_id AS provider_id,
    e.visit_occurrence_id AS visit_occurrence_id,
    cast(NULL AS BIGINT) AS visit_detail_id,
    e.code AS device_source_value,
    e.source_concept_id AS device_source_concept_id,
    cast(NULL AS BIGINT) AS unit_concept_id,
    cast(NULL AS VARCHAR) AS unit_source_value,
    cast(NULL AS BIGINT) AS unit_source_concept_id
FROM source_event AS e
WHERE e.target_table = 'device_exposure'
