-- omop.image_occurrence: one row per released series (OMOP Medical Imaging extension).
-- Reads imaging.series, imaging.link, omop.visit_occurrence, omop.concept.
-- Uses view body_part_code.
-- Concepts are found by (vocabulary_id, concept_code); what the vocabulary does not know is concept 0 beside its source
-- value. A visit that was not published is left out, since the CDM allows an image without a visit.
WITH modality_concept AS (
    SELECT
        c.concept_code,
        min(c.concept_id) AS concept_id
    FROM omop.concept AS c
    WHERE c.vocabulary_id = 'DICOM'
    GROUP BY c.concept_code
)

SELECT
    l.image_occurrence_id AS image_occurrence_id,
    s.person_id AS person_id,
    v.visit_occurrence_id AS visit_occurrence_id,
    l.procedure_occurrence_id AS procedure_occurrence_id,
    NULL::VARCHAR AS wadors_uri,
    'objects/' || s.research_id || '/' || s.study_instance_uid || '/' || s.series_instance_uid AS local_path,
    coalesce(s.series_date, s.study_date) AS image_occurrence_date,
    s.study_instance_uid AS image_study_uid,
    s.series_instance_uid AS image_series_uid,
    coalesce(m.concept_id, 0)::BIGINT AS modality_concept_id,
    coalesce(b.concept_id, 0)::BIGINT AS anatomic_site_concept_id,
    -- the header's time is the study's, so it is given only where the day is the study's too
    CASE
        WHEN coalesce(s.series_date, s.study_date) = s.study_date
            THEN
                s.study_date
                + try_strptime(left(replace(s.study_time, ':', '') || '0000', 6), '%H%M%S')::TIME
    END AS image_occurrence_datetime,
    s.accession_pseudonym AS accession_pseudonym,
    s.modality AS modality_source_value,
    s.body_part_examined AS anatomic_site_source_value,
    s.sop_class_uid AS sop_class_uid,
    l.link_method AS link_method,
    l.distance_days AS link_distance_days,
    s.instance_count AS instance_count
FROM imaging.series AS s
INNER JOIN imaging.link AS l ON s.series_instance_uid = l.series_instance_uid
LEFT JOIN omop.visit_occurrence AS v ON l.visit_occurrence_id = v.visit_occurrence_id
LEFT JOIN modality_concept AS m ON s.modality = m.concept_code
LEFT JOIN body_part_code AS b
    ON regexp_replace(upper(s.body_part_examined), '[^A-Z]', '', 'g') = b.body_part
ORDER BY l.image_occurrence_id
