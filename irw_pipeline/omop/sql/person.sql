-- omop.person: one row per person of the crosswalk whom the EHR or a released image knows.
-- Reads raw.ehr_patient, vault.person_map, imaging.instance, omop.concept.
-- Uses view person_event.
-- Uses view area.
-- Birth: the year of the birth date after the shift by the person's offset; month and day stay empty, since age in
-- years is enough. Who was over 89 at the last event gets the year 90 years before it, so that no age above 90 can be
-- computed (45 CFR 164.514(b)(2)(i)(C)); events long before may then precede that year. Persons known from images
-- alone: the year of the study less the age in the header. With neither, 1900: the CDM requires a year, and every
-- filter on plausible ages leaves such a person out.
WITH image_person AS (
    SELECT
        i.person_id,
        min(cast(year(coalesce(i.study_date, i.series_date)) AS INTEGER) - i.patient_age_years) AS year_of_birth,
        max(upper(left(trim(i.patient_sex), 1))) AS sex
    FROM imaging.instance AS i
    GROUP BY i.person_id
),

known_person AS (
    SELECT
        pm.person_id,
        pm.research_id,
        local_date(p.birthdate) - pm.date_offset_days AS birth_date,
        i.year_of_birth AS image_year_of_birth,
        upper(trim(coalesce(p.gender, i.sex))) AS gender,
        lower(trim(p.race)) AS race,
        lower(trim(p.ethnicity)) AS ethnicity,
        p.state,
        p.zip
    FROM vault.person_map AS pm
    LEFT JOIN raw.ehr_patient AS p ON pm.ehr_patient_id = p.id
    LEFT JOIN image_person AS i ON pm.person_id = i.person_id
    WHERE p.id IS NOT NULL OR i.person_id IS NOT NULL
),

aged_person AS (
    SELECT
        k.*,
        cast(year(e.last_date) AS INTEGER) AS last_year,
        cast(year(k.birth_date) AS INTEGER) AS birth_year,
        date_sub('year', k.birth_date, e.last_date) AS last_age
    FROM known_person AS k
    LEFT JOIN person_event AS e ON k.person_id = e.person_id
),

race_code (race, concept_code) AS (
    -- codes of vocabulary "Race"
    VALUES
    ('native', '1'), ('asian', '2'), ('black', '3'), ('hawaiian', '4'), ('white', '5')
),

ethnicity_code (ethnicity, concept_code) AS (
    VALUES
    ('hispanic', 'Hispanic'), ('nonhispanic', 'Not Hispanic')
)

SELECT
    a.person_id AS person_id,
    coalesce(g.concept_id, 0) AS gender_concept_id,
    CASE
        WHEN a.birth_year IS NOT NULL AND a.last_age > 89 THEN a.last_year - 90
        WHEN a.birth_year IS NOT NULL THEN a.birth_year
        WHEN a.image_year_of_birth IS NOT NULL
            THEN greatest(a.image_year_of_birth, coalesce(a.last_year - 90, a.image_year_of_birth))
        ELSE 1900
    END AS year_of_birth,
    cast(NULL AS INTEGER) AS month_of_birth,
    cast(NULL AS INTEGER) AS day_of_birth,
    cast(NULL AS TIMESTAMP) AS birth_datetime,
    coalesce(r.concept_id, 0) AS race_concept_id,
    coalesce(e.concept_id, 0) AS ethnicity_concept_id,
    l.location_id AS location_id,
    cast(NULL AS BIGINT) AS provider_id,
    cast(NULL AS BIGINT) AS care_site_id,
    a.research_id AS person_source_value,
    left(a.gender, 50) AS gender_source_value,
    0 AS gender_source_concept_id,  -- No matching concept
    left(a.race, 50) AS race_source_value,
    0 AS race_source_concept_id,  -- No matching concept
    left(a.ethnicity, 50) AS ethnicity_source_value,
    0 AS ethnicity_source_concept_id  -- No matching concept
FROM aged_person AS a
LEFT JOIN omop.concept AS g ON g.vocabulary_id = 'Gender' AND left(a.gender, 1) = g.concept_code
LEFT JOIN race_code AS rc ON a.race = rc.race
LEFT JOIN omop.concept AS r ON r.vocabulary_id = 'Race' AND rc.concept_code = r.concept_code
LEFT JOIN ethnicity_code AS ec ON a.ethnicity = ec.ethnicity
LEFT JOIN omop.concept AS e ON e.vocabulary_id = 'Ethnicity' AND ec.concept_code = e.concept_code
LEFT JOIN area AS l
    ON a.state IS NOT DISTINCT FROM l.received_state AND a.zip IS NOT DISTINCT FROM l.received_zip
