-- omop.source_to_concept_map: one row per source code that the site maps itself; none until a site adds some.
-- An empty table of the right form, so that every tool that expects the whole CDM finds it.
SELECT
    cast(NULL AS VARCHAR) AS source_code,
    cast(NULL AS BIGINT) AS source_concept_id,
    cast(NULL AS VARCHAR) AS source_vocabulary_id,
    cast(NULL AS VARCHAR) AS source_code_description,
    cast(NULL AS BIGINT) AS target_concept_id,
    cast(NULL AS VARCHAR) AS target_vocabulary_id,
    cast(NULL AS DATE) AS valid_start_date,
    cast(NULL AS DATE) AS valid_end_date,
    cast(NULL AS VARCHAR) AS invalid_reason
WHERE FALSE
