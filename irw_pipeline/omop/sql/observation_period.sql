-- omop.observation_period: one row per person with at least one dated event: the span from the first to the last.
-- Reads omop.concept.
-- Uses view person_event.
SELECT
    omop_key('observation_period', cast(e.person_id AS VARCHAR)) AS observation_period_id,
    e.person_id AS person_id,
    e.first_date AS observation_period_start_date,
    e.last_date AS observation_period_end_date,
    coalesce(t.concept_id, 0) AS period_type_concept_id
FROM person_event AS e
LEFT JOIN omop.concept AS t
    ON t.vocabulary_id = 'Type Concept' AND t.concept_code = 'OMOP4976890'  -- EHR
