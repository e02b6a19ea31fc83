-- imaging.link: one row per released series: the procedure and the visit that its study belongs to, and how we know.
-- Reads imaging.series, raw.ehr_encounter, vault.person_map.
-- Uses view ehr_procedure_row.
-- Uses view ehr_imaging_order.
-- Uses view modality_procedure.
-- A study is linked as a whole, in this order: by accession, by a UID that the EHR knows, by person, modality and
-- nearest day within one; else its procedure is made from the study. Ties: same visit, nearest day, least key.
WITH released_study AS (
    SELECT
        s.study_instance_uid,
        s.person_id,
        coalesce(min(s.study_date), min(s.series_date)) AS image_date
    FROM imaging.series AS s
    GROUP BY s.study_instance_uid, s.person_id
),

study_name AS (
    SELECT
        s.study_instance_uid,
        s.person_id,
        'accession' AS link_method,
        s.accession_pseudonym AS name_pseudonym
    FROM imaging.series AS s
    WHERE s.accession_pseudonym IS NOT NULL
    UNION
    SELECT
        s.study_instance_uid,
        s.person_id,
        'imaging_study_uid' AS link_method,
        s.series_instance_uid AS name_pseudonym
    FROM imaging.series AS s
    UNION
    SELECT
        s.study_instance_uid,
        s.person_id,
        'imaging_study_uid' AS link_method,
        s.study_instance_uid AS name_pseudonym
    FROM imaging.series AS s
),

ordered_study AS (
    SELECT
        n.study_instance_uid,
        n.person_id,
        n.link_method,
        o.order_date,
        o.visit_occurrence_id,
        o.procedure_code,
        o.modality
    FROM study_name AS n
    INNER JOIN ehr_imaging_order AS o
        ON
            n.person_id = o.person_id
            AND n.link_method = o.link_method
            AND n.name_pseudonym = o.name_pseudonym
),

candidate AS (
    -- the procedure of the order: its code (or modality, where the export has no code), in its visit or on its day
    SELECT
        o.study_instance_uid,
        o.link_method,
        CASE o.link_method WHEN 'accession' THEN 1 ELSE 2 END AS preference,
        p.procedure_occurrence_id,
        p.visit_occurrence_id,
        coalesce(p.visit_occurrence_id = o.visit_occurrence_id, FALSE) AS is_same_visit,
        abs(p.procedure_date - o.order_date) AS order_distance_days,
        p.procedure_date
    FROM ordered_study AS o
    INNER JOIN ehr_procedure_row AS p ON o.person_id = p.person_id
    WHERE
        (p.visit_occurrence_id = o.visit_occurrence_id OR p.procedure_date = o.order_date)
        AND CASE
            WHEN o.procedure_code IS NOT NULL THEN p.code = o.procedure_code
            ELSE (p.code, o.modality) IN (SELECT (m.code, m.modality) FROM modality_procedure AS m)
        END
    UNION ALL
    SELECT
        s.study_instance_uid,
        'person_modality_date' AS link_method,
        3 AS preference,
        p.procedure_occurrence_id,
        p.visit_occurrence_id,
        FALSE AS is_same_visit,
        0 AS order_distance_days,
        p.procedure_date
    FROM released_study AS d
    INNER JOIN imaging.series AS s ON d.study_instance_uid = s.study_instance_uid
    INNER JOIN modality_procedure AS m ON s.modality = m.modality
    INNER JOIN ehr_procedure_row AS p
        ON
            d.person_id = p.person_id
            AND m.code = p.code
            AND p.procedure_date BETWEEN d.image_date - 1 AND d.image_date + 1
),

chosen AS (
    SELECT
        c.study_instance_uid,
        c.link_method,
        c.procedure_occurrence_id,
        c.visit_occurrence_id,
        abs(c.procedure_date - d.image_date) AS distance_days
    FROM candidate AS c
    INNER JOIN released_study AS d ON c.study_instance_uid = d.study_instance_uid
    QUALIFY row_number() OVER (
        PARTITION BY c.study_instance_uid
        ORDER BY
            c.preference ASC,
            c.is_same_visit DESC,
            c.order_distance_days ASC NULLS LAST,
            abs(c.procedure_date - d.image_date) ASC NULLS LAST,
            c.procedure_occurrence_id ASC
    ) = 1
),

visit_of_order AS (
    SELECT
        o.study_instance_uid,
        o.visit_occurrence_id
    FROM ordered_study AS o
    WHERE o.visit_occurrence_id IS NOT NULL
    QUALIFY row_number() OVER (
        PARTITION BY o.study_instance_uid
        ORDER BY o.link_method, o.order_date NULLS LAST, o.visit_occurrence_id
    ) = 1
),

shifted_encounter AS (
    SELECT
        pm.person_id,
        omop_key('visit', e.id) AS visit_occurrence_id,
        local_date(e.start) - pm.date_offset_days AS start_date,
        coalesce(local_date(e.stop), local_date(e.start)) - pm.date_offset_days AS end_date
    FROM raw.ehr_encounter AS e
    INNER JOIN vault.person_map AS pm ON e.patient = pm.ehr_patient_id
    WHERE pm.person_id IN (SELECT s.person_id FROM imaging.series AS s)
),

visit_of_day AS (
    -- the shortest stay that covers the day says most about why the image was made
    SELECT
        d.study_instance_uid,
        e.visit_occurrence_id
    FROM released_study AS d
    INNER JOIN shifted_encounter AS e
        ON d.person_id = e.person_id AND d.image_date BETWEEN e.start_date AND e.end_date
    QUALIFY row_number() OVER (
        PARTITION BY d.study_instance_uid
        ORDER BY e.end_date - e.start_date ASC, e.start_date DESC, e.visit_occurrence_id ASC
    ) = 1
)

SELECT
    s.series_instance_uid AS series_instance_uid,
    s.study_instance_uid AS study_instance_uid,
    s.person_id AS person_id,
    omop_key('image_occurrence', s.series_instance_uid) AS image_occurrence_id,
    coalesce(c.procedure_occurrence_id, omop_key('procedure_of_study', s.study_instance_uid))
        AS procedure_occurrence_id,
    coalesce(c.visit_occurrence_id, o.visit_occurrence_id, v.visit_occurrence_id) AS visit_occurrence_id,
    coalesce(c.link_method, 'study_made') AS link_method,
    c.distance_days::INTEGER AS distance_days,
    c.procedure_occurrence_id IS NULL AS is_procedure_made
FROM imaging.series AS s
LEFT JOIN chosen AS c ON s.study_instance_uid = c.study_instance_uid
LEFT JOIN visit_of_order AS o ON s.study_instance_uid = o.study_instance_uid
LEFT JOIN visit_of_day AS v ON s.study_instance_uid = v.study_instance_uid
ORDER BY s.series_instance_uid
