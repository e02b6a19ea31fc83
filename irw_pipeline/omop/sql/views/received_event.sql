-- received_event: one row per clinical row of the EHR, in one form, as received.
-- Reads raw.ehr_condition, raw.ehr_medication, raw.ehr_immunization, raw.ehr_procedure, raw.ehr_observation,
-- raw.ehr_device, raw.ehr_supply, raw.ehr_allergy, raw.ehr_careplan.
-- vocabulary_id: what the code's system says, else what Synthea writes in that file. default_table: where the row goes
-- when its code maps to no concept. type_code: concept code in vocabulary "Type Concept".
SELECT
    'ehr_condition' AS source_table,
    c.row_key AS source_key,
    c.patient AS patient,
    c.encounter AS encounter,
    CASE
        WHEN c.system ILIKE '%icd%10%' THEN 'ICD10CM'
        WHEN c.system ILIKE '%icd%9%' THEN 'ICD9CM'
        ELSE 'SNOMED'
    END AS vocabulary_id,
    c.code AS code,
    c.start AS started,
    c.stop AS stopped,
    'condition_occurrence' AS default_table,
    'OMOP4976900' AS type_code,  -- EHR encounter record
    NULL AS value,
    NULL AS unit,
    NULL AS category,
    NULL AS quantity,
    NULL AS udi
FROM raw.ehr_condition AS c
UNION ALL
SELECT
    'ehr_medication' AS source_table,
    m.row_key AS source_key,
    m.patient AS patient,
    m.encounter AS encounter,
    'RxNorm' AS vocabulary_id,
    m.code AS code,
    m.start AS started,
    m.stop AS stopped,
    'drug_exposure' AS default_table,
    'OMOP4976911' AS type_code,  -- EHR prescription
    NULL AS value,
    NULL AS unit,
    NULL AS category,
    m.dispenses AS quantity,
    NULL AS udi
FROM raw.ehr_medication AS m
UNION ALL
SELECT
    'ehr_immunization' AS source_table,
    i.row_key AS source_key,
    i.patient AS patient,
    i.encounter AS encounter,
    'CVX' AS vocabulary_id,
    i.code AS code,
    i.date AS started,
    i.date AS stopped,
    'drug_exposure' AS default_table,
    'OMOP4976891' AS type_code,  -- EHR administration record
    NULL AS value,
    NULL AS unit,
    NULL AS category,
    NULL AS quantity,
    NULL AS udi
FROM raw.ehr_immunization AS i
UNION ALL
SELECT
    'ehr_procedure' AS source_table,
    p.row_key AS source_key,
    p.patient AS patient,
    p.encounter AS encounter,
    CASE
        WHEN p.system ILIKE '%cpt%' THEN 'CPT4'
        WHEN p.system ILIKE '%hcpcs%' THEN 'HCPCS'
        WHEN p.system ILIKE '%icd%10%pcs%' THEN 'ICD10PCS'
        ELSE 'SNOMED'
    END AS vocabulary_id,
    p.code AS code,
    p.start AS started,
    p.stop AS stopped,
    'procedure_occurrence' AS default_table,
    'OMOP4976900' AS type_code,  -- EHR encounter record
    NULL AS value,
    NULL AS unit,
    NULL AS category,
    NULL AS quantity,
    NULL AS udi
FROM raw.ehr_procedure AS p
UNION ALL
SELECT
    'ehr_observation' AS source_table,
    o.row_key AS source_key,
    o.patient AS patient,
    o.encounter AS encounter,
    CASE WHEN regexp_full_match(o.code, '[0-9]{6,18}') THEN 'SNOMED' ELSE 'LOINC' END AS vocabulary_id,
    o.code AS code,
    o.date AS started,
    NULL AS stopped,
    CASE
        WHEN o.type = 'numeric' OR o.category IN ('laboratory', 'vital-signs', 'exam', 'imaging') THEN 'measurement'
        ELSE 'observation'
    END AS default_table,
    CASE o.category
        WHEN 'laboratory' THEN 'OMOP4976929'  -- Lab
        WHEN 'survey' THEN 'OMOP4976935'  -- Patient filled survey
        ELSE 'OMOP4976890'  -- EHR
    END AS type_code,
    o.value AS value,
    o.units AS unit,
    o.category AS category,
    NULL AS quantity,
    NULL AS udi
FROM raw.ehr_observation AS o
UNION ALL
SELECT
    'ehr_device' AS source_table,
    d.row_key AS source_key,
    d.patient AS patient,
    d.encounter AS encounter,
    'SNOMED' AS vocabulary_id,
    d.code AS code,
    d.start AS started,
    d.stop AS stopped,
    'device_exposure' AS default_table,
    'OMOP4976890' AS type_code,  -- EHR
    NULL AS value,
    NULL AS unit,
    NULL AS category,
    NULL AS quantity,
    d.udi AS udi
FROM raw.ehr_device AS d
UNION ALL
SELECT
    'ehr_supply' AS source_table,
    s.row_key AS source_key,
    s.patient AS patient,
    s.encounter AS encounter,
    'SNOMED' AS vocabulary_id,
    s.code AS code,
    s.date AS started,
    NULL AS stopped,
    'device_exposure' AS default_table,
    'OMOP4976890' AS type_code,  -- EHR
    NULL AS value,
    NULL AS unit,
    NULL AS category,
    s.quantity AS quantity,
    NULL AS udi
FROM raw.ehr_supply AS s
UNION ALL
SELECT
    -- Synthea writes "Unknown" as system: drugs are RxNorm, all else SNOMED, whose codes are longer
    'ehr_allergy' AS source_table,
    a.row_key AS source_key,
    a.patient AS patient,
    a.encounter AS encounter,
    CASE
        WHEN a.system ILIKE '%rxnorm%' THEN 'RxNorm'
        WHEN a.system ILIKE '%snomed%' THEN 'SNOMED'
        WHEN a.category IN ('medication', 'drug') AND length(a.code) < 8 THEN 'RxNorm'
        ELSE 'SNOMED'
    END AS vocabulary_id,
    a.code AS code,
    a.start AS started,
    a.stop AS stopped,
    'observation' AS default_table,
    'OMOP4976890' AS type_code,  -- EHR
    NULL AS value,
    NULL AS unit,
    a.category AS category,
    NULL AS quantity,
    NULL AS udi
FROM raw.ehr_allergy AS a
UNION ALL
SELECT
    'ehr_careplan' AS source_table,
    p.id AS source_key,
    p.patient AS patient,
    p.encounter AS encounter,
    'SNOMED' AS vocabulary_id,
    p.code AS code,
    p.start AS started,
    p.stop AS stopped,
    'observation' AS default_table,
    'OMOP4976890' AS type_code,  -- EHR
    NULL AS value,
    NULL AS unit,
    NULL AS category,
    NULL AS quantity,
    NULL AS udi
FROM raw.ehr_careplan AS p
