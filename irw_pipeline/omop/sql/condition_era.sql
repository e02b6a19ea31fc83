-- omop.condition_era: one row per person, condition and span without a gap of more than 30 days.
-- Reads omop.condition_occurrence.
-- Key: person, condition and start. Conditions that map to no concept make no era.
WITH span AS (
    SELECT
        c.condition_occurrence_id,
        c.person_id,
        c.condition_concept_id,
        c.condition_start_date AS start_date,
        coalesce(c.condition_end_date, c.condition_start_date) AS end_date
    FROM omop.condition_occurrence AS c
    WHERE c.condition_concept_id != 0
),

marked AS (
    SELECT
        s.*,
        coalesce(
            s.start_date > 30 + max(s.end_date) OVER (
                PARTITION BY s.person_id, s.condition_concept_id
                ORDER BY s.start_date, s.end_date, s.condition_occurrence_id
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ),
            TRUE
        ) AS is_first
    FROM span AS s
),

numbered AS (
    SELECT
        m.*,
        count(*) FILTER (m.is_first) OVER (
            PARTITION BY m.person_id, m.condition_concept_id
            ORDER BY m.start_date, m.end_date, m.condition_occurrence_id
        ) AS era_number
    FROM marked AS m
)

SELECT
    omop_key('condition_era', n.person_id || sep() || n.condition_concept_id || sep() || min(n.start_date))
        AS condition_era_id,
    n.person_id AS person_id,
    n.condition_concept_id AS condition_concept_id,
    min(n.start_date) AS condition_era_start_date,
    max(n.end_date) AS condition_era_end_date,
    count(*) AS condition_occurrence_count
FROM numbered AS n
GROUP BY n.person_id, n.condition_concept_id, n.era_number
