-- omop.note_nlp: one row per term found in a note; none until a term extractor is configured.
-- An empty table of the right form, so that every tool that expects the whole CDM finds it.
SELECT
    cast(NULL AS BIGINT) AS note_nlp_id,
    cast(NULL AS BIGINT) AS note_id,
    cast(NULL AS BIGINT) AS section_concept_id,
    cast(NULL AS VARCHAR) AS snippet,
    cast(NULL AS VARCHAR) AS "offset",
    cast(NULL AS VARCHAR) AS lexical_variant,
    cast(NULL AS BIGINT) AS note_nlp_concept_id,
    cast(NULL AS BIGINT) AS note_nlp_source_concept_id,
    cast(NULL AS VARCHAR) AS nlp_system,
    cast(NULL AS DATE) AS nlp_date,
    cast(NULL AS TIMESTAMP) AS nlp_datetime,
    cast(NULL AS VARCHAR) AS term_exists,
    cast(NULL AS VARCHAR) AS term_temporal,
    cast(NULL AS VARCHAR) AS term_modifiers
WHERE FALSE
