-- imaging.series: one row per released series.
-- Reads imaging.instance.
-- Where instances of a series differ, the value of the least SOP Instance UID that has one is taken, so that the
-- row does not depend on the order of reading. A study that holds instances of two persons gets no person_id, which
-- the contract's row rule sends to quarantine: a reused UID must not give one person's images to another.
WITH person_of_study AS (
    SELECT
        i.study_instance_uid,
        CASE WHEN count(DISTINCT i.person_id) = 1 THEN min(i.person_id) END AS person_id
    FROM imaging.instance AS i
    GROUP BY i.study_instance_uid
),

person_of_series AS (
    SELECT
        i.series_instance_uid,
        CASE WHEN bool_and(p.person_id IS NOT NULL) AND count(DISTINCT p.person_id) = 1 THEN min(p.person_id) END
            AS person_id
    FROM imaging.instance AS i
    INNER JOIN person_of_study AS p ON i.study_instance_uid = p.study_instance_uid
    GROUP BY i.series_instance_uid
),

folded AS (
    SELECT
        i.series_instance_uid,
        arg_min(i.study_instance_uid, i.sop_instance_uid) AS study_instance_uid,
        arg_min(i.research_id, i.sop_instance_uid) AS research_id,
        arg_min(i.accession_pseudonym, i.sop_instance_uid) AS accession_pseudonym,
        arg_min(i.modality, i.sop_instance_uid) AS modality,
        arg_min(i.sop_class_uid, i.sop_instance_uid) AS sop_class_uid,
        arg_min(i.body_part_examined, i.sop_instance_uid) AS body_part_examined,
        arg_min(i.laterality, i.sop_instance_uid) AS laterality,
        arg_min(i.study_date, i.sop_instance_uid) AS study_date,
        arg_min(i.study_time, i.sop_instance_uid) AS study_time,
        coalesce(min(i.series_date), min(i.acquisition_date), min(i.content_date), min(i.study_date)) AS series_date,
        arg_min(i.series_number, i.sop_instance_uid) AS series_number,
        arg_min(i.series_description, i.sop_instance_uid) AS series_description,
        arg_min(i.study_description, i.sop_instance_uid) AS study_description,
        arg_min(i.protocol_name, i.sop_instance_uid) AS protocol_name,
        arg_min(i.manufacturer, i.sop_instance_uid) AS manufacturer,
        arg_min(i.manufacturer_model_name, i.sop_instance_uid) AS manufacturer_model_name,
        arg_min(i.rows, i.sop_instance_uid) AS rows,
        arg_min(i.columns, i.sop_instance_uid) AS columns,
        arg_min(i.slice_thickness_mm, i.sop_instance_uid) AS slice_thickness_mm,
        arg_min(i.pixel_spacing_mm, i.sop_instance_uid) AS pixel_spacing_mm,
        arg_min(i.kvp_kv, i.sop_instance_uid) AS kvp_kv,
        arg_min(i.magnetic_field_strength_t, i.sop_instance_uid) AS magnetic_field_strength_t,
        arg_min(i.echo_time_ms, i.sop_instance_uid) AS echo_time_ms,
        arg_min(i.repetition_time_ms, i.sop_instance_uid) AS repetition_time_ms,
        arg_min(i.patient_age_years, i.sop_instance_uid) AS patient_age_years,
        arg_min(i.patient_sex, i.sop_instance_uid) AS patient_sex,
        count(*)::INTEGER AS instance_count,
        sum(coalesce(i.number_of_frames, 1))::INTEGER AS frame_count,
        sum(i.object_bytes)::BIGINT AS object_bytes
    FROM imaging.instance AS i
    GROUP BY i.series_instance_uid
)

SELECT
    f.series_instance_uid AS series_instance_uid,
    f.study_instance_uid AS study_instance_uid,
    p.person_id AS person_id,
    f.research_id AS research_id,
    f.accession_pseudonym AS accession_pseudonym,
    f.modality AS modality,
    f.sop_class_uid AS sop_class_uid,
    f.body_part_examined AS body_part_examined,
    f.laterality AS laterality,
    f.study_date AS study_date,
    f.study_time AS study_time,
    f.series_date AS series_date,
    f.series_number AS series_number,
    f.series_description AS series_description,
    f.study_description AS study_description,
    f.protocol_name AS protocol_name,
    f.manufacturer AS manufacturer,
    f.manufacturer_model_name AS manufacturer_model_name,
    f.rows AS rows,
    f.columns AS columns,
    f.slice_thickness_mm AS slice_thickness_mm,
    f.pixel_spacing_mm AS pixel_spacing_mm,
    f.kvp_kv AS kvp_kv,
    f.magnetic_field_strength_t AS magnetic_field_strength_t,
    f.echo_time_ms AS echo_time_ms,
    f.repetition_time_ms AS repetition_time_ms,
    f.patient_age_years AS patient_age_years,
    f.patient_sex AS patient_sex,
    f.instance_count AS instance_count,
    f.frame_count AS frame_count,
    f.object_bytes AS object_bytes
FROM folded AS f
INNER JOIN person_of_series AS p ON f.series_instance_uid = p.series_instance_uid
ORDER BY f.series_instance_uid
