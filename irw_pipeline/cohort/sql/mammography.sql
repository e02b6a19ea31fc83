-- cohort.mammography: one row per person who had a mammogram and image series of the breast.
-- Reads omop.procedure_occurrence.
-- Uses view cohort_procedure_event.
-- Uses view cohort_image.
-- The index date is the first mammogram: a procedure of the definition's codes, or the procedure that a mammographic
-- series is linked to, whatever the site calls it.
WITH mammogram AS (
    SELECT
        e.person_id,
        e.event_date
    FROM cohort_procedure_event AS e
    UNION ALL
    SELECT
        p.person_id,
        p.procedure_date AS event_date
    FROM cohort_image AS i
    INNER JOIN omop.procedure_occurrence AS p ON i.procedure_occurrence_id = p.procedure_occurrence_id
    WHERE i.modality = 'MG'
),

member AS (
    SELECT
        e.person_id,
        min(e.event_date) AS index_date
    FROM mammogram AS e
    GROUP BY e.person_id
)

SELECT
    'mammography' AS cohort_name,
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
