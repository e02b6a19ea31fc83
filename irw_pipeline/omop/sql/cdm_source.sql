-- omop.cdm_source: one row that says what this CDM instance is.
-- Reads omop.vocabulary, omop.concept.
-- Uses view person_event.
-- Dates come from the data, so that a re-run changes nothing: the last event of all persons, shifted as theirs.
WITH data_end AS (
    SELECT coalesce(max(e.last_date), DATE '1970-01-01') AS last_date
    FROM person_event AS e
),

vocabulary_release AS (
    SELECT max(v.vocabulary_version) AS vocabulary_version
    FROM omop.vocabulary AS v
    WHERE v.vocabulary_id = 'None'
),

cdm_release AS (
    SELECT max(c.concept_id) AS concept_id
    FROM omop.concept AS c
    WHERE c.vocabulary_id = 'CDM' AND c.concept_code = 'CDM v5.4.0'
)

SELECT
    'Imaging Research Warehouse' AS cdm_source_name,
    'IRW' AS cdm_source_abbreviation,
    'The institution that runs this warehouse' AS cdm_holder,
    'De-identified EHR and images of the same persons, dates shifted by one offset a person' AS source_description,
    cast(NULL AS VARCHAR) AS source_documentation_reference,
    cast(NULL AS VARCHAR) AS cdm_etl_reference,
    d.last_date AS source_release_date,
    d.last_date AS cdm_release_date,
    'v5.4' AS cdm_version,
    coalesce(c.concept_id, 0) AS cdm_version_concept_id,
    coalesce(left(v.vocabulary_version, 20), 'unknown') AS vocabulary_version
FROM data_end AS d
CROSS JOIN vocabulary_release AS v
CROSS JOIN cdm_release AS c
