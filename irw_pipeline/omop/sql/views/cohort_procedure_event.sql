-- cohort_procedure_event: one row per procedure or measurement that the cohort's definition asks for.
-- Reads omop.procedure_occurrence, omop.measurement, omop.concept, omop.concept_ancestor.
-- Uses frame cohort_concept.
-- Measurements are read too, since the vocabulary files some procedures there (screening mammography is one).
WITH wanted_concept AS (
    SELECT c.concept_id
    FROM cohort_concept AS w
    INNER JOIN omop.concept AS c ON w.vocabulary_id = c.vocabulary_id AND w.concept_code = c.concept_code
    WHERE w.role = 'procedure'
),

wanted_or_below AS (
    SELECT w.concept_id
    FROM wanted_concept AS w
    UNION
    SELECT a.descendant_concept_id AS concept_id
    FROM wanted_concept AS w
    INNER JOIN omop.concept_ancestor AS a ON w.concept_id = a.ancestor_concept_id
),

event AS (
    SELECT
        p.person_id,
        p.procedure_date AS event_date,
        p.procedure_concept_id AS concept_id,
        p.procedure_source_value AS source_value
    FROM omop.procedure_occurrence AS p
    UNION ALL
    SELECT
        m.person_id,
        m.measurement_date AS event_date,
        m.measurement_concept_id AS concept_id,
        m.measurement_source_value AS source_value
    FROM omop.measurement AS m
),

source_code AS (
    SELECT DISTINCT e.source_value
    FROM event AS e
),

wanted_source AS (
    SELECT s.source_value
    FROM source_code AS s
    INNER JOIN cohort_concept AS w
        ON
            (w.role = 'procedure' AND s.source_value = w.concept_code)
            OR (w.role = 'procedure_prefix' AND starts_with(upper(s.source_value), w.concept_code))
)

SELECT
    e.person_id AS person_id,
    e.event_date AS event_date
FROM event AS e
WHERE
    e.concept_id IN (SELECT w.concept_id FROM wanted_or_below AS w)
    OR e.source_value IN (SELECT w.source_value FROM wanted_source AS w)
