-- code_target: one row per source code and standard concept that it maps to; target 0 where it maps to none.
-- Reads omop.concept, omop.concept_relationship.
WITH valid_map AS (
    SELECT
        r.concept_id_1 AS source_concept_id,
        t.concept_id AS target_concept_id,
        t.domain_id AS target_domain_id
    FROM omop.concept_relationship AS r
    INNER JOIN omop.concept AS t ON r.concept_id_2 = t.concept_id
    WHERE r.relationship_id = 'Maps to' AND r.invalid_reason IS NULL AND t.standard_concept = 'S'
)

SELECT
    c.vocabulary_id AS vocabulary_id,
    c.concept_code AS code,
    c.concept_id AS source_concept_id,
    CASE
        WHEN m.target_concept_id IS NOT NULL THEN m.target_concept_id
        WHEN c.standard_concept = 'S' THEN c.concept_id
        ELSE 0  -- No matching concept
    END AS target_concept_id,
    CASE
        WHEN m.target_concept_id IS NOT NULL THEN m.target_domain_id
        WHEN c.standard_concept = 'S' THEN c.domain_id
    END AS target_domain_id
FROM omop.concept AS c
LEFT JOIN valid_map AS m ON c.concept_id = m.source_concept_id
WHERE
    c.vocabulary_id IN (
        'SNOMED', 'RxNorm', 'LOINC', 'CVX', 'UCUM', 'ICD10CM', 'ICD9CM', 'CPT4', 'HCPCS', 'ICD10PCS'
    )
