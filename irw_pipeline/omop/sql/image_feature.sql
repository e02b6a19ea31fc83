-- omop.image_feature: one row per released series and acquisition attribute that its headers give.
-- Reads imaging.series, omop.image_occurrence, omop.concept.
-- The value stands here (documented superset), since no measurement row is made for an acquisition attribute. A new
-- attribute is one more row of acquisition_attribute and of acquisition_value.
WITH acquisition_attribute (feature_name, tag, unit) AS (
    VALUES
    ('rows', '00280010', NULL),
    ('columns', '00280011', NULL),
    ('slice_thickness_mm', '00180050', 'mm'),
    ('pixel_spacing_mm', '00280030', 'mm'),
    ('kvp_kv', '00180060', 'kV'),
    ('magnetic_field_strength_t', '00180087', 'T'),
    ('echo_time_ms', '00180081', 'ms'),
    ('repetition_time_ms', '00180080', 'ms')
),

acquisition_value AS (
    UNPIVOT (
        SELECT
            s.series_instance_uid,
            s.rows::DOUBLE AS rows,
            s.columns::DOUBLE AS columns,
            s.slice_thickness_mm,
            s.pixel_spacing_mm,
            s.kvp_kv,
            s.magnetic_field_strength_t,
            s.echo_time_ms,
            s.repetition_time_ms
        FROM imaging.series AS s
    )
    ON
    rows,
    columns,
    slice_thickness_mm,
    pixel_spacing_mm,
    kvp_kv,
    magnetic_field_strength_t,
    echo_time_ms,
    repetition_time_ms
    INTO NAME feature_name VALUE value_as_number
),

known_concept AS (
    SELECT
        c.vocabulary_id,
        c.concept_code,
        min(c.concept_id) AS concept_id
    FROM omop.concept AS c
    WHERE c.vocabulary_id IN ('DICOM', 'UCUM', 'Type Concept')
    GROUP BY c.vocabulary_id, c.concept_code
)

SELECT
    omop_key('image_feature', i.image_series_uid || sep() || a.tag) AS image_feature_id,
    i.person_id AS person_id,
    i.image_occurrence_id AS image_occurrence_id,
    coalesce(f.concept_id, 0) AS image_feature_concept_id,
    coalesce(t.concept_id, 0) AS image_feature_type_concept_id,
    NULL::BIGINT AS image_feature_event_field_concept_id,
    NULL::BIGINT AS image_feature_event_id,
    0::BIGINT AS image_finding_concept_id,  -- No matching concept: an acquisition attribute is not a finding
    NULL::BIGINT AS image_finding_id,
    i.anatomic_site_concept_id AS anatomic_site_concept_id,
    NULL::VARCHAR AS alg_system,
    NULL::TIMESTAMP AS alg_datetime,
    a.tag AS image_feature_source_value,
    x.feature_name AS image_feature_name,
    x.value_as_number AS value_as_number,
    coalesce(u.concept_id, 0) AS unit_concept_id,
    a.unit AS unit_source_value
FROM acquisition_value AS x
INNER JOIN acquisition_attribute AS a ON x.feature_name = a.feature_name
INNER JOIN omop.image_occurrence AS i ON x.series_instance_uid = i.image_series_uid
LEFT JOIN known_concept AS f ON f.vocabulary_id = 'DICOM' AND a.tag = f.concept_code
LEFT JOIN known_concept AS t ON t.vocabulary_id = 'Type Concept' AND t.concept_code = 'OMOP4976890'  -- EHR
LEFT JOIN known_concept AS u ON u.vocabulary_id = 'UCUM' AND a.unit = u.concept_code
ORDER BY image_feature_id
