-- omop.cost: one row per encounter of the EHR with what was billed and covered; key: the encounter's id.
-- Reads raw.ehr_encounter, omop.concept.
-- Uses view visit_key.
SELECT
    omop_key('cost', 'ehr_encounter' || sep() || e.id) AS cost_id,
    k.visit_occurrence_id AS cost_event_id,
    'Visit' AS cost_domain_id,
    coalesce(t.concept_id, 0) AS cost_type_concept_id,
    coalesce(u.concept_id, 0) AS currency_concept_id,
    try_cast(e.total_claim_cost AS DOUBLE) AS total_charge,
    cast(NULL AS DOUBLE) AS total_cost,
    cast(NULL AS DOUBLE) AS total_paid,
    try_cast(e.payer_coverage AS DOUBLE) AS paid_by_payer,
    cast(NULL AS DOUBLE) AS paid_by_patient,
    cast(NULL AS DOUBLE) AS paid_patient_copay,
    cast(NULL AS DOUBLE) AS paid_patient_coinsurance,
    cast(NULL AS DOUBLE) AS paid_patient_deductible,
    cast(NULL AS DOUBLE) AS paid_by_primary,
    cast(NULL AS DOUBLE) AS paid_ingredient_cost,
    cast(NULL AS DOUBLE) AS paid_dispensing_fee,
    cast(NULL AS BIGINT) AS payer_plan_period_id,
    cast(NULL AS DOUBLE) AS amount_allowed,
    0 AS revenue_code_concept_id,  -- No matching concept
    cast(NULL AS VARCHAR) AS revenue_code_source_value,
    0 AS drg_concept_id,  -- No matching concept
    cast(NULL AS VARCHAR) AS drg_source_value
FROM raw.ehr_encounter AS e
INNER JOIN visit_key AS k ON e.id = k.encounter_id
LEFT JOIN omop.concept AS t
    ON t.vocabulary_id = 'Type Concept' AND t.concept_code = 'OMOP4976887'  -- Cost record
LEFT JOIN omop.concept AS u ON u.vocabulary_id = 'Currency' AND u.concept_code = 'USD'
WHERE e.total_claim_cost IS NOT NULL
