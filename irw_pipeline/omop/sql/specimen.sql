-- omop.specimen: one row per biobank sample whose consent allows research; key: the sample's id.
-- Reads raw.biobank_sample, vault.person_map, omop.concept.
-- A sample without a stated consent is not released.
WITH type_code (sample_type, concept_code) AS (
    -- SNOMED codes
    VALUES
    ('blood', '119297000'), ('whole blood', '119297000'), ('serum', '119364003'), ('plasma', '119361006'),
    ('saliva', '119342007'), ('urine', '122575003'), ('tissue', '119376003'), ('dna', '258566005')
),

site_code (anatomic_site, concept_code) AS (
    -- SNOMED codes
    VALUES
    ('brain', '12738006'), ('breast', '76752008'), ('prostate', '41216001'), ('lung', '39607008'),
    ('colon', '71854001'), ('liver', '10200004')
),

consented_sample AS (
    SELECT
        b.sample_id,
        left(trim(b.sample_type), 50) AS sample_type,
        left(trim(b.anatomic_site), 50) AS anatomic_site,
        pm.person_id,
        local_date(b.collected_on) - pm.date_offset_days AS collected_date,
        local_timestamp(b.collected_on) - to_days(pm.date_offset_days) AS collected_at
    FROM raw.biobank_sample AS b
    LEFT JOIN vault.person_map AS pm ON b.patient = pm.ehr_patient_id
    WHERE
        b.consent_scope IS NOT NULL
        AND lower(trim(b.consent_scope)) NOT IN ('', 'none', 'no', 'refused', 'declined', 'withdrawn', 'revoked')
)

SELECT
    omop_key('specimen', s.sample_id) AS specimen_id,
    s.person_id AS person_id,
    coalesce(c.concept_id, 0) AS specimen_concept_id,
    coalesce(t.concept_id, 0) AS specimen_type_concept_id,
    s.collected_date AS specimen_date,
    s.collected_at AS specimen_datetime,
    cast(NULL AS DOUBLE) AS quantity,
    cast(NULL AS BIGINT) AS unit_concept_id,
    coalesce(a.concept_id, 0) AS anatomic_site_concept_id,
    0 AS disease_status_concept_id,  -- No matching concept
    irw_token('sample', s.sample_id) AS specimen_source_id,
    s.sample_type AS specimen_source_value,
    cast(NULL AS VARCHAR) AS unit_source_value,
    s.anatomic_site AS anatomic_site_source_value,
    cast(NULL AS VARCHAR) AS disease_status_source_value
FROM consented_sample AS s
LEFT JOIN type_code AS tc ON lower(s.sample_type) = tc.sample_type
LEFT JOIN omop.concept AS c ON c.vocabulary_id = 'SNOMED' AND tc.concept_code = c.concept_code
LEFT JOIN site_code AS sc ON lower(s.anatomic_site) = sc.anatomic_site
LEFT JOIN omop.concept AS a ON a.vocabulary_id = 'SNOMED' AND sc.concept_code = a.concept_code
LEFT JOIN omop.concept AS t
    ON t.vocabulary_id = 'Type Concept' AND t.concept_code = 'OMOP4976952'  -- Registry
