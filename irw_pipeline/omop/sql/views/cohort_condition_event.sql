-- cohort_condition_event: one row per condition occurrence that the cohort's definition asks for.
-- Reads omop.condition_occurrence, omop.concept, omop.concept_ancestor.
-- Uses frame cohort_concept.
-- A condition counts when its concept is a wanted one or below it; where there is no vocabulary, when its source
-- code is a wanted code, or begins with a wanted prefix (ICD-10-CM codes with or without their dot).
WITH wanted_concept AS (
    SELECT c.concept_id
    FROM cohort_concept AS w
    INNER JOIN omop.concept AS c ON w.vocabulary_id = c.vocabulary_id AND w.concept_code = c.concept_code
    WHERE w.role = 'condition'
),

wanted_or_below AS (
    SELECT w.concept_id
    FROM wanted_concept AS w
    UNION
    SELECT a.descendant_concept_id AS concept_id
    FROM wanted_concept AS w
    INNER JOIN omop.concept_ancestor AS a ON w.concept_id = a.ancestor_concept_id
),

source_code AS (
    SELECT DISTINCT o.condition_source_value AS source_value
    FROM omop.condition_occurrence AS o
),

wanted_source AS (
    SELECT s.source_value
    FROM source_code AS s
    INNER JOIN cohort_concept AS w
        ON
            (w.role = 'condition' AND s.source_value = w.concept_code)
            OR (
                w.role = 'condition_prefix'
                AND starts_with(replace(upper(s.source_value), '.', ''), replace(w.concept_code, '.', ''))
            )
)

SELECT
    o.person_id AS person_id,
    o.condition_start_date AS event_date
FROM omop.condition_occurrence AS o
WHERE
    o.condition_concept_id IN (SELECT w.concept_id FROM wanted_or_below AS w)
    OR o.condition_source_value IN (SELECT w.source_value FROM wanted_source AS w)
