-- omop.visit_detail: one row per part of a visit; none, since the EHR does not divide its encounters.
-- An empty table of the right form, so that every tool that expects the whole CDM finds it.
SELECT
    cast(NULL AS BIGINT) AS visit_detail_id,
    cast(NULL AS BIGINT) AS person_id,
    cast(NULL AS BIGINT) AS visit_detail_concept_id,
    cast(NULL AS DATE) AS visit_detail_start_date,
    cast(NULL AS TIMESTAMP) AS visit_detail_start_datetime,
    cast(NULL AS DATE) AS visit_detail_end_date,
    cast(NULL AS TIMESTAMP) AS visit_detail_end_datetime,
    cast(NULL AS BIGINT) AS visit_detail_type_concept_id,
    cast(NULL AS BIGINT) AS provider_id,
    cast(NULL AS BIGINT) AS care_site_id,
    cast(NULL AS VARCHAR) AS visit_detail_source_value,
    cast(NULL AS BIGINT) AS visit_detail_source_concept_id,
    cast(NULL AS BIGINT) AS admitted_from_concept_id,
    cast(NULL AS VARCHAR) AS admitted_from_source_value,
    cast(NULL AS VARCHAR) AS discharged_to_source_value,
    cast(NULL AS BIGINT) AS discharged_to_concept_id,
    cast(NULL AS BIGINT) AS preceding_visit_detail_id,
    cast(NULL AS BIGINT) AS parent_visit_detail_id,
    cast(NULL AS BIGINT) AS visit_occurrence_id
WHERE FALSE
