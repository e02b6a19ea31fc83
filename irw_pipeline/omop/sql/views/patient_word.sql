-- patient_word: one row per patient of the EHR, with the words that no text about the patient may hold.
-- Reads raw.ehr_patient.
-- Words are in lower case between single blanks, as in clean_value of source_event.
WITH identifier AS (
    SELECT
        p.id AS patient,
        unnest([
            p.first, p.middle, p.last, p.maiden, p.ssn, replace(p.ssn, '-', ''), p.drivers, p.passport, p.id,
            p.address, p.city, p.zip
        ]) AS received
    FROM raw.ehr_patient AS p
),

word AS (
    SELECT
        i.patient,
        ' ' || trim(regexp_replace(lower(i.received), '[^\p{L}\p{N}]+', ' ', 'g')) || ' ' AS word
    FROM identifier AS i
)

SELECT
    w.patient AS patient,
    list(DISTINCT w.word ORDER BY w.word) AS words
FROM word AS w
WHERE length(w.word) >= 4
GROUP BY w.patient
