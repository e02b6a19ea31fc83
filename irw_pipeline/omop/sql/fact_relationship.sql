-- omop.fact_relationship: one row per pair of related facts; none, since no source states relations.
-- An empty table of the right form, so that every tool that expects the whole CDM finds it.
SELECT
    cast(NULL AS BIGINT) AS domain_concept_id_1,
    cast(NULL AS BIGINT) AS fact_id_1,
    cast(NULL AS BIGINT) AS domain_concept_id_2,
    cast(NULL AS BIGINT) AS fact_id_2,
    cast(NULL AS BIGINT) AS relationship_concept_id
WHERE FALSE
