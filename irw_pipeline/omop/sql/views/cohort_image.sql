-- cohort_image: one row per image series of a modality and body part that the cohort's definition asks for.
-- Reads omop.image_occurrence.
-- Uses frame cohort_modality.
-- Uses frame cohort_body_part.
-- An empty list asks for everything. Many headers do not say which body part they show: those are kept.
SELECT
    i.person_id AS person_id,
    i.image_occurrence_id AS image_occurrence_id,
    i.procedure_occurrence_id AS procedure_occurrence_id,
    i.image_series_uid AS image_series_uid,
    i.image_study_uid AS image_study_uid,
    i.modality_source_value AS modality,
    i.image_occurrence_date AS image_date
FROM omop.image_occurrence AS i
WHERE
    (
        NOT EXISTS (SELECT 1 FROM cohort_modality)
        OR i.modality_source_value IN (SELECT m.modality FROM cohort_modality AS m)
    )
    AND (
        NOT EXISTS (SELECT 1 FROM cohort_body_part)
        OR nullif(trim(i.anatomic_site_source_value), '') IS NULL
        OR regexp_replace(upper(i.anatomic_site_source_value), '[^A-Z]', '', 'g')
        IN (SELECT b.body_part FROM cohort_body_part AS b)
    )
