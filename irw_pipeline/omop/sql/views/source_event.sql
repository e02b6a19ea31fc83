-- source_event: one row per clinical row of the EHR and standard concept that its code maps to, de-identified.
-- Reads vault.person_map, omop.concept.
-- Uses view received_event.
-- Uses view code_target.
-- Uses view visit_key.
-- Uses view text_value.
-- Uses view identifying_code.
-- A row whose code maps to nothing has concept 0 and goes to its default table; one whose patient or date is unknown
-- keeps null there, so that the contract quarantines it. event_key: the natural key: source table, its key, target.
-- An allergy is always an observation: a drug that is not tolerated is no exposure to it.
WITH coded_event AS (
    SELECT
        r.*,
        pm.person_id,
        pm.date_offset_days,
        v.visit_occurrence_id,
        v.provider_id,
        coalesce(t.source_concept_id, 0) AS source_concept_id,
        coalesce(t.target_concept_id, 0) AS target_concept_id,
        t.target_domain_id,
        ic.code IS NOT NULL AS is_identifying,
        local_timestamp(r.started) AS start_at,
        local_timestamp(r.stopped) AS stop_at,
        local_date(r.started) AS start_on,
        local_date(r.stopped) AS stop_on
    FROM received_event AS r
    LEFT JOIN vault.person_map AS pm ON r.patient = pm.ehr_patient_id
    LEFT JOIN visit_key AS v ON r.encounter = v.encounter_id AND r.patient = v.patient
    LEFT JOIN code_target AS t ON r.vocabulary_id = t.vocabulary_id AND r.code = t.code
    LEFT JOIN identifying_code AS ic ON r.vocabulary_id = ic.vocabulary_id AND r.code = ic.code
),

clean_event AS (
    SELECT
        e.*,
        CASE
            WHEN e.is_identifying THEN NULL
            WHEN try_cast(e.value AS DOUBLE) IS NOT NULL THEN e.value
            ELSE t.safe_value
        END AS safe_value
    FROM coded_event AS e
    LEFT JOIN text_value AS t ON e.patient = t.patient AND e.value = t.value
),

type_concept AS (
    SELECT
        c.concept_code,
        c.concept_id
    FROM omop.concept AS c
    WHERE c.vocabulary_id = 'Type Concept'
),

unit_target AS (
    SELECT
        t.code,
        min(t.source_concept_id) AS unit_source_concept_id,
        min(t.target_concept_id) AS unit_concept_id
    FROM code_target AS t
    WHERE t.vocabulary_id = 'UCUM'
    GROUP BY t.code
),

allergy_concept AS (
    SELECT
        max(c.concept_id) FILTER (c.concept_code = '416098002') AS to_drug,  -- Allergy to drug
        max(c.concept_id) FILTER (c.concept_code = '419199007') AS to_substance  -- Allergy to substance
    FROM omop.concept AS c
    WHERE c.vocabulary_id = 'SNOMED' AND c.concept_code IN ('416098002', '419199007')
),

routed AS (
    SELECT
        e.*,
        e.source_table = 'ehr_allergy' AND coalesce(e.target_domain_id NOT IN ('Observation', 'Condition'), FALSE)
            AS is_allergen,
        CASE
            WHEN e.source_table = 'ehr_allergy' THEN 'observation'
            WHEN e.target_domain_id = 'Condition' THEN 'condition_occurrence'
            WHEN e.target_domain_id = 'Drug' THEN 'drug_exposure'
            WHEN e.target_domain_id = 'Procedure' THEN 'procedure_occurrence'
            WHEN e.target_domain_id = 'Device' THEN 'device_exposure'
            WHEN e.target_domain_id = 'Measurement' THEN 'measurement'
            WHEN e.target_domain_id IS NULL THEN e.default_table
            ELSE 'observation'
        END AS target_table
    FROM clean_event AS e
)

SELECT
    e.source_table AS source_table,
    e.source_key AS source_key,
    e.target_table AS target_table,
    e.source_table || sep() || e.source_key || sep() || e.target_concept_id AS event_key,
    e.person_id AS person_id,
    e.visit_occurrence_id AS visit_occurrence_id,
    e.provider_id AS provider_id,
    left(e.code, 50) AS code,
    e.source_concept_id AS source_concept_id,
    CASE
        WHEN NOT e.is_allergen THEN e.target_concept_id
        WHEN e.category IN ('medication', 'drug') THEN coalesce(a.to_drug, 0)
        ELSE coalesce(a.to_substance, 0)
    END AS concept_id,
    coalesce(ty.concept_id, 0) AS type_concept_id,
    e.start_on - e.date_offset_days AS start_date,
    e.start_at - to_days(e.date_offset_days) AS start_datetime,
    CASE WHEN e.stop_on IS NOT NULL THEN greatest(e.stop_on, e.start_on) END - e.date_offset_days AS end_date,
    CASE WHEN e.stop_at IS NOT NULL THEN greatest(e.stop_at, e.start_at) END - to_days(e.date_offset_days)
        AS end_datetime,
    e.stop_on - e.date_offset_days AS verbatim_end_date,
    try_cast(e.safe_value AS DOUBLE) AS value_as_number,
    CASE WHEN try_cast(e.safe_value AS DOUBLE) IS NULL THEN e.safe_value END AS value_as_text,
    left(e.safe_value, 50) AS value_source_value,
    CASE
        WHEN e.is_allergen THEN e.target_concept_id
        WHEN e.safe_value IS NOT NULL AND try_cast(e.safe_value AS DOUBLE) IS NULL THEN 0  -- No matching concept
    END AS value_as_concept_id,
    CASE WHEN e.unit IS NOT NULL THEN coalesce(u.unit_concept_id, 0) END AS unit_concept_id,
    CASE WHEN e.unit IS NOT NULL THEN coalesce(u.unit_source_concept_id, 0) END AS unit_source_concept_id,
    left(e.unit, 50) AS unit_source_value,
    try_cast(e.quantity AS INTEGER) AS quantity,
    nullif(regexp_extract(e.udi, '\(01\)[0-9]{14}'), '') AS unique_device_id
FROM routed AS e
LEFT JOIN type_concept AS ty ON e.type_code = ty.concept_code
LEFT JOIN unit_target AS u ON e.unit = u.code
CROSS JOIN allergy_concept AS a
