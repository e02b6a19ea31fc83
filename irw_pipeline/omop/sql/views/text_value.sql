-- text_value: one row per patient and text that the EHR gives as a value of an observation: what may be passed on.
-- Reads raw.ehr_observation, raw.ehr_patient, vault.person_map.
-- A value that is a date moves with the person. Text that holds a date, an address of mail, a number of a person or a
-- word of the patient's own identity is dropped (safe_value is null).
WITH said AS (
    SELECT DISTINCT
        o.patient,
        o.value
    FROM raw.ehr_observation AS o
    WHERE o.value IS NOT NULL AND try_cast(o.value AS DOUBLE) IS NULL
),

distinct_text AS (
    SELECT DISTINCT s.value
    FROM said AS s
),

read_text AS (
    -- words: in lower case, between single blanks
    SELECT
        t.value,
        ' ' || trim(regexp_replace(lower(t.value), '[^\p{L}\p{N}]+', ' ', 'g')) || ' ' AS words,
        CASE
            WHEN regexp_full_match(t.value, '[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]+Z?)?') THEN local_date(t.value)
        END AS date_value,
        regexp_matches(
            t.value,
            '@|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,2}[/.][0-9]{1,2}[/.][0-9]{2,4}'
            || '|[0-9]{3}[-. ][0-9]{2,3}[-. ][0-9]{4}'
        ) AS has_identifying_form
    FROM distinct_text AS t
),

identifier AS (
    SELECT
        p.id AS patient,
        unnest([
            p.first, p.middle, p.last, p.maiden, p.ssn, replace(p.ssn, '-', ''), p.drivers, p.passport, p.id,
            p.address, p.city, p.zip
        ]) AS received
    FROM raw.ehr_patient AS p
),

identifier_word AS (
    SELECT
        i.patient,
        ' ' || trim(regexp_replace(lower(i.received), '[^\p{L}\p{N}]+', ' ', 'g')) || ' ' AS word
    FROM identifier AS i
),

named AS (
    SELECT DISTINCT
        s.patient,
        s.value
    FROM said AS s
    INNER JOIN read_text AS t ON s.value = t.value
    INNER JOIN identifier_word AS w ON s.patient = w.patient AND contains(t.words, w.word)
    WHERE length(w.word) >= 4
)

SELECT
    s.patient AS patient,
    s.value AS value,
    CASE
        WHEN t.date_value IS NOT NULL THEN strftime(t.date_value - pm.date_offset_days, '%Y-%m-%d')
        WHEN NOT t.has_identifying_form AND n.value IS NULL THEN s.value
    END AS safe_value
FROM said AS s
INNER JOIN read_text AS t ON s.value = t.value
LEFT JOIN vault.person_map AS pm ON s.patient = pm.ehr_patient_id
LEFT JOIN named AS n ON s.patient = n.patient AND s.value = n.value
