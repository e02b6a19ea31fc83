-- cohort.neurodegenerative_disease: one row per patient with a neurodegenerative disease and image series.
-- Uses view cohort_condition_event.
-- Uses view cohort_image.
-- The index date is the first such diagnosis.
WITH member AS (
    SELECT
        e.person_id,
        min(e.event_date) AS index_date
    FROM cohort_condition_event AS e
    GROUP BY e.person_id
)

SELECT
    'neurodegenerative_disease' AS cohort_name,
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
