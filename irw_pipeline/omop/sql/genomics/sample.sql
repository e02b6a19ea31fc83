-- genomics.sample: one row per biobank sample whose donor consents to research.
-- Reads raw.biobank_sample, vault.person_map.
-- A sample without a consent, or with one that says no, is not released; nor is one whose donor nobody knows.
SELECT
    irw_token('sample', b.sample_id) AS sample_pseudonym,
    pm.person_id AS person_id,
    omop_key('specimen', b.sample_id) AS specimen_id,
    b.sample_type AS sample_type,
    b.anatomic_site AS anatomic_site,
    local_date(b.collected_on) - pm.date_offset_days AS collected_on,
    b.consent_scope AS consent_scope,
    coalesce(lower(trim(b.exome_available)) IN ('true', 't', 'yes', 'y', '1'), FALSE) AS is_exome_available,
    coalesce(lower(trim(b.genome_available)) IN ('true', 't', 'yes', 'y', '1'), FALSE) AS is_genome_available,
    'urn:irw:sample:' || irw_token('sample-file', nullif(trim(b.file_uri), '')) AS file_uri
FROM raw.biobank_sample AS b
INNER JOIN vault.person_map AS pm ON b.patient = pm.ehr_patient_id
WHERE
    nullif(trim(b.consent_scope), '') IS NOT NULL
    AND lower(trim(b.consent_scope)) NOT IN ('none', 'no', 'refused', 'declined', 'withdrawn', 'revoked')
ORDER BY sample_pseudonym
