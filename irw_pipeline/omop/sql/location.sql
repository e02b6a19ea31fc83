-- omop.location: one row per state and three-digit ZIP area of a patient or an organization; key: both together.
-- Uses view area.
-- No street, city, county or position; the country is not told by the EHR.
SELECT DISTINCT
    a.location_id AS location_id,
    cast(NULL AS VARCHAR) AS address_1,
    cast(NULL AS VARCHAR) AS address_2,
    cast(NULL AS VARCHAR) AS city,
    a.state AS state,
    a.zip3 AS zip,
    cast(NULL AS VARCHAR) AS county,
    coalesce(a.state, '') || '|' || coalesce(a.zip3, '') AS location_source_value,
    0 AS country_concept_id,  -- No matching concept
    cast(NULL AS VARCHAR) AS country_source_value,
    cast(NULL AS DOUBLE) AS latitude,
    cast(NULL AS DOUBLE) AS longitude
FROM area AS a
WHERE a.location_id IS NOT NULL
