-- omop.drug_era: one row per person, ingredient and span without a gap of more than 30 days.
-- Reads omop.drug_exposure, omop.concept, omop.concept_ancestor.
-- Key: person, ingredient and start. A drug whose ingredient the vocabulary does not tell makes no era.
WITH span AS (
    SELECT DISTINCT
        d.drug_exposure_id,
        d.person_id,
        i.concept_id AS ingredient_concept_id,
        d.drug_exposure_start_date AS start_date,
        d.drug_exposure_end_date AS end_date
    FROM omop.drug_exposure AS d
    INNER JOIN omop.concept_ancestor AS a ON d.drug_concept_id = a.descendant_concept_id
    INNER JOIN omop.concept AS i ON a.ancestor_concept_id = i.concept_id
    WHERE i.concept_class_id = 'Ingredient' AND i.standard_concept = 'S'
),

followed AS (
    SELECT
        s.*,
        max(s.end_date) OVER (
            PARTITION BY s.person_id, s.ingredient_concept_id
            ORDER BY s.start_date, s.end_date, s.drug_exposure_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS covered_until
    FROM span AS s
),

numbered AS (
    SELECT
        f.*,
        coalesce(f.start_date > f.covered_until + 30, TRUE) AS is_first,
        count(*) FILTER (coalesce(f.start_date > f.covered_until + 30, TRUE)) OVER (
            PARTITION BY f.person_id, f.ingredient_concept_id
            ORDER BY f.start_date, f.end_date, f.drug_exposure_id
        ) AS era_number
    FROM followed AS f
)

SELECT
    omop_key('drug_era', n.person_id || sep() || n.ingredient_concept_id || sep() || min(n.start_date))
        AS drug_era_id,
    n.person_id AS person_id,
    n.ingredient_concept_id AS drug_concept_id,
    min(n.start_date) AS drug_era_start_date,
    max(n.end_date) AS drug_era_end_date,
    count(*) AS drug_exposure_count,
    cast(
        coalesce(sum(greatest(n.start_date - n.covered_until - 1, 0)) FILTER (NOT n.is_first), 0) AS INTEGER
    ) AS gap_days
FROM numbered AS n
GROUP BY n.person_id, n.ingredient_concept_id, n.era_number
