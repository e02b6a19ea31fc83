-- omop.payer_plan_period: one row per span of insurance cover of a person; key: the row key.
-- Reads raw.ehr_payer_transition, vault.person_map.
-- Member id and owner's name are never read. Older exports give years: the first and last day of them.
WITH cover AS (
    SELECT
        t.row_key,
        t.payer,
        t.plan_ownership,
        pm.person_id,
        pm.date_offset_days,
        local_date(CASE WHEN length(t.start_date) = 4 THEN t.start_date || '-01-01' ELSE t.start_date END) AS start_on,
        local_date(CASE WHEN length(t.end_date) = 4 THEN t.end_date || '-12-31' ELSE t.end_date END) AS end_on
    FROM raw.ehr_payer_transition AS t
    LEFT JOIN vault.person_map AS pm ON t.patient = pm.ehr_patient_id
)

SELECT
    omop_key('payer_plan_period', c.row_key) AS payer_plan_period_id,
    c.person_id AS person_id,
    c.start_on - c.date_offset_days AS payer_plan_period_start_date,
    greatest(c.end_on, c.start_on) - c.date_offset_days AS payer_plan_period_end_date,
    0 AS payer_concept_id,  -- No matching concept
    irw_token('payer', c.payer) AS payer_source_value,
    0 AS payer_source_concept_id,  -- No matching concept
    0 AS plan_concept_id,  -- No matching concept
    left(c.plan_ownership, 50) AS plan_source_value,
    0 AS plan_source_concept_id,  -- No matching concept
    0 AS sponsor_concept_id,  -- No matching concept
    cast(NULL AS VARCHAR) AS sponsor_source_value,
    0 AS sponsor_source_concept_id,  -- No matching concept
    cast(NULL AS VARCHAR) AS family_source_value,
    0 AS stop_reason_concept_id,  -- No matching concept
    cast(NULL AS VARCHAR) AS stop_reason_source_value,
    0 AS stop_reason_source_concept_id  -- No matching concept
FROM cover AS c
