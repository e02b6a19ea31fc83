-- omop.drug_exposure: one row per event of the EHR and standard drug that it maps to; key: event_key.
-- Uses view source_event.
-- Without a stop, or with one before the start, the exposure ends on the day it starts; the stop as received, shifted,
-- is in verbatim_end_date.
SELECT
    omop_key('drug', e.event_key) AS drug_exposure_id,
    e.person_id AS person_id,
    e.concept_id AS drug_concept_id,
    e.start_date AS drug_exposure_start_date,
    e.start_datetime AS drug_exposure_start_datetime,
    coalesce(e.end_date, e.start_date) AS drug_exposure_end_date,
    coalesce(e.end_datetime, e.start_datetime) AS drug_exposure_end_datetime,
    e.verbatim_end_date AS verbatim_end_date,
    e.type_concept_id AS drug_type_concept_id,
    cast(NULL AS VARCHAR) AS stop_reason,
    CASE WHEN e.source_table = 'ehr_medication' THEN greatest(e.quantity - 1, 0) END AS refills,
    cast(NULL AS DOUBLE) AS quantity,
    cast(NULL AS INTEGER) AS days_supply,
    cast(NULL AS VARCHAR) AS sig,
    0 AS route_concept_id,  -- No matching concept
    cast(NULL AS VARCHAR) AS lot_number,
    e.provider_id AS provider_id,
    e.visit_occurrence_id AS visit_occurrence_id,
    cast(NULL AS BIGINT) AS visit_detail_id,
    e.code AS drug_source_value,
    e.source_concept_id AS drug_source_concept_id,
    cast(NULL AS VARCHAR) AS route_source_value,
    cast(NULL AS VARCHAR) AS dose_unit_source_value
FROM source_event AS e
WHERE e.target_table = 'drug_exposure'
