-- omop.care_site: one row per organization of the EHR, without its name; key: the organization's id.
-- Reads raw.ehr_organization.
-- Uses view area.
SELECT
    omop_key('care_site', o.id) AS care_site_id,
    cast(NULL AS VARCHAR) AS care_site_name,
    0 AS place_of_service_concept_id,  -- No matching concept
    a.location_id AS location_id,
    irw_token('care_site', o.id) AS care_site_source_value,
    cast(NULL AS VARCHAR) AS place_of_service_source_value
FROM raw.ehr_organization AS o
LEFT JOIN area AS a
    ON o.state IS NOT DISTINCT FROM a.received_state AND o.zip IS NOT DISTINCT FROM a.received_zip
