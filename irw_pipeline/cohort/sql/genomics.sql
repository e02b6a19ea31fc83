-- cohort.genomics: one row per donor of a sample with an exome and image series.
-- Reads genomics.sample.
-- Uses view cohort_image.
-- The index date is the day on which the donor's first such sample was taken.
WITH member AS (
    SELECT
        s.person_id,
        min(s.collected_on) AS index_date
    FROM genomics.sample AS s
    WHERE s.is_exome_available
    GROUP BY s.person_id
)

SELECT
    'genomics' AS cohort_name,
    m.person_id AS person_id,
    m.index_date AS index_date,
    i.image_occurrence_id AS image_occurrence_id,
    i.image_series_uid AS image_series_uid,
    i.image_study_uid AS image_study_uid,
    i.modality AS modality,
    i.image_date AS image_date,
    (i.image_date - m.index_date)::INTEGER AS days_from_index
FROM member AS m
INNER JOIN cohort_image AS i ON m.person_id = i.person_id
ORDER BY m.person_id, i.image_occurrence_id
