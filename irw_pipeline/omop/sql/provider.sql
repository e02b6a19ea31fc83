-- omop.provider: one row per clinician of the EHR, without the name; key: the clinician's id.
-- Reads raw.ehr_provider, raw.ehr_organization, omop.concept.
WITH specialty_code (specialty, concept_code) AS (
    -- codes of vocabulary "Medicare Specialty"
    VALUES
    ('GENERAL PRACTICE', '01'), ('CARDIOLOGY', '06'), ('FAMILY MEDICINE', '08'), ('INTERNAL MEDICINE', '11'),
    ('NEUROLOGY', '13'), ('ORTHOPEDIC SURGERY', '20'), ('DIAGNOSTIC RADIOLOGY', '30')
)

SELECT
    omop_key('provider', p.id) AS provider_id,
    cast(NULL AS VARCHAR) AS provider_name,
    cast(NULL AS VARCHAR) AS npi,
    cast(NULL AS VARCHAR) AS dea,
    coalesce(s.concept_id, 0) AS specialty_concept_id,
    CASE WHEN o.id IS NOT NULL THEN omop_key('care_site', o.id) END AS care_site_id,
    cast(NULL AS INTEGER) AS year_of_birth,
    coalesce(g.concept_id, 0) AS gender_concept_id,
    irw_token('provider', p.id) AS provider_source_value,
    left(p.speciality, 50) AS specialty_source_value,
    0 AS specialty_source_concept_id,  -- No matching concept
    left(p.gender, 50) AS gender_source_value,
    0 AS gender_source_concept_id  -- No matching concept
FROM raw.ehr_provider AS p
LEFT JOIN raw.ehr_organization AS o ON p.organization = o.id
LEFT JOIN omop.concept AS g ON g.vocabulary_id = 'Gender' AND upper(left(p.gender, 1)) = g.concept_code
LEFT JOIN specialty_code AS sc ON upper(trim(p.speciality)) = sc.specialty
LEFT JOIN omop.concept AS s ON s.vocabulary_id = 'Medicare Specialty' AND sc.concept_code = s.concept_code
