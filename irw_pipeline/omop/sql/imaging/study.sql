-- imaging.study: one row per released study.
-- Reads imaging.instance.
-- A study that holds instances of two persons gets no person_id, which the contract's row rule sends to quarantine.
SELECT
    i.study_instance_uid AS study_instance_uid,
    CASE WHEN count(DISTINCT i.person_id) = 1 THEN min(i.person_id) END AS person_id,
    arg_min(i.research_id, i.sop_instance_uid) AS research_id,
    arg_min(i.accession_pseudonym, i.sop_instance_uid) AS accession_pseudonym,
    coalesce(
        arg_min(i.study_date, i.sop_instance_uid), min(i.series_date), min(i.acquisition_date), min(i.content_date)
    ) AS study_date,
    arg_min(i.study_description, i.sop_instance_uid) AS study_description,
    string_agg(DISTINCT i.modality, ',' ORDER BY i.modality) AS modalities,
    string_agg(DISTINCT i.body_part_examined, ',' ORDER BY i.body_part_examined) AS body_parts,
    count(DISTINCT i.series_instance_uid)::INTEGER AS series_count,
    count(*)::INTEGER AS instance_count,
    sum(i.object_bytes)::BIGINT AS object_bytes,
    arg_min(i.patient_age_years, i.sop_instance_uid) AS patient_age_years,
    arg_min(i.patient_sex, i.sop_instance_uid) AS patient_sex
FROM imaging.instance AS i
GROUP BY i.study_instance_uid
ORDER BY i.study_instance_uid
