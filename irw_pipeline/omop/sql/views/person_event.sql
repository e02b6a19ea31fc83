-- person_event: one row per person with at least one dated event: the first and the last day, shifted.
-- Reads raw.ehr_encounter, raw.ehr_patient, raw.ehr_note, raw.biobank_sample, imaging.instance, vault.person_map.
-- Uses view received_event.
-- Events are visits, clinical rows, notes, samples, images and death; an end counts for visits only, since the ends
-- of drugs and conditions are often planned or never stated. Consent for a sample is looked at in omop.specimen.
WITH dated AS (
    SELECT
        r.patient,
        min(local_date(r.started)) AS first_on,
        max(local_date(r.started)) AS last_on
    FROM received_event AS r
    GROUP BY r.patient
    UNION ALL
    SELECT
        e.patient,
        min(local_date(e.start)) AS first_on,
        greatest(max(local_date(e.start)), max(local_date(e.stop))) AS last_on
    FROM raw.ehr_encounter AS e
    GROUP BY e.patient
    UNION ALL
    SELECT
        n.patient,
        min(local_date(n.date)) AS first_on,
        max(local_date(n.date)) AS last_on
    FROM raw.ehr_note AS n
    GROUP BY n.patient
    UNION ALL
    SELECT
        b.patient,
        min(local_date(b.collected_on)) AS first_on,
        max(local_date(b.collected_on)) AS last_on
    FROM raw.biobank_sample AS b
    WHERE b.consent_scope IS NOT NULL AND lower(trim(b.consent_scope)) NOT IN ('none', 'withdrawn', '')
    GROUP BY b.patient
    UNION ALL
    SELECT
        p.id AS patient,
        local_date(p.deathdate) AS first_on,
        local_date(p.deathdate) AS last_on
    FROM raw.ehr_patient AS p
),

shifted AS (
    SELECT
        pm.person_id,
        d.first_on - pm.date_offset_days AS first_date,
        d.last_on - pm.date_offset_days AS last_date
    FROM dated AS d
    INNER JOIN vault.person_map AS pm ON d.patient = pm.ehr_patient_id
    UNION ALL
    SELECT
        i.person_id,
        coalesce(i.study_date, i.series_date, i.acquisition_date, i.content_date) AS first_date,
        coalesce(i.study_date, i.series_date, i.acquisition_date, i.content_date) AS last_date
    FROM imaging.instance AS i
)

SELECT
    s.person_id AS person_id,
    min(s.first_date) AS first_date,
    max(s.last_date) AS last_date
FROM shifted AS s
WHERE s.first_date IS NOT NULL
GROUP BY s.person_id
