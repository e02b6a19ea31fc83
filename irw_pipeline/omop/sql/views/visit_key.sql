-- visit_key: one row per encounter of the EHR: the keys that its events share.
-- Reads raw.ehr_encounter, raw.ehr_provider.
SELECT
    e.id AS encounter_id,
    e.patient AS patient,
    omop_key('visit', e.id) AS visit_occurrence_id,
    CASE WHEN p.id IS NOT NULL THEN omop_key('provider', p.id) END AS provider_id
FROM raw.ehr_encounter AS e
LEFT JOIN raw.ehr_provider AS p ON e.provider = p.id
