-- ehr_procedure_row: one row per row of omop.procedure_occurrence that comes from raw.ehr_procedure, with its key.
-- Reads raw.ehr_procedure, vault.person_map.
-- Uses view code_target.
-- Uses view visit_key.
-- The same rows and keys as source_event gives (a test holds them equal), without reading the other tables of the EHR.
WITH coded_procedure AS (
    SELECT
        p.row_key,
        p.patient,
        p.encounter,
        p.code,
        p.start,
        CASE
            WHEN p.system ILIKE '%cpt%' THEN 'CPT4'
            WHEN p.system ILIKE '%hcpcs%' THEN 'HCPCS'
            WHEN p.system ILIKE '%icd%10%pcs%' THEN 'ICD10PCS'
            ELSE 'SNOMED'
        END AS vocabulary_id
    FROM raw.ehr_procedure AS p
)

SELECT
    omop_key('procedure', 'ehr_procedure' || sep() || p.row_key || sep() || coalesce(t.target_concept_id, 0))
        AS procedure_occurrence_id,
    pm.person_id AS person_id,
    v.visit_occurrence_id AS visit_occurrence_id,
    left(p.code, 50) AS code,
    local_date(p.start) - pm.date_offset_days AS procedure_date
FROM coded_procedure AS p
INNER JOIN vault.person_map AS pm ON p.patient = pm.ehr_patient_id
LEFT JOIN visit_key AS v ON p.encounter = v.encounter_id AND p.patient = v.patient
LEFT JOIN code_target AS t ON p.vocabulary_id = t.vocabulary_id AND p.code = t.code
WHERE coalesce(t.target_domain_id, 'Procedure') = 'Procedure'
