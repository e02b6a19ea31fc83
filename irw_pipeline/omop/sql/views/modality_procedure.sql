-- modality_procedure: one row per procedure code of the EHR and DICOM modality that it may produce.
-- Reads raw.ehr_procedure, raw.ehr_imaging_study.
-- What the site's own imaging studies say about a code, and what the words of the code's description say (DICOM
-- PS3.3 C.7.3.1.1.1 for the modalities). A new word is one more row of modality_word.
WITH modality_word (pattern, modalities) AS (
    VALUES
    ('computed tomograph|tomodensitometr|\bct\b', ['CT']),
    ('magnetic resonance|\bmri?\b', ['MR']),
    ('mammogra|tomosynthesis', ['MG', 'CR', 'DX']),
    ('x-?ray|radiograph|plain film', ['CR', 'DX', 'RG', 'RF']),
    ('bitewing|intra-?oral|dental', ['IO', 'DX', 'PX']),
    ('panoramic|orthopantomogra', ['PX', 'DX']),
    ('ultraso|sonogra|echocardiogra|doppler', ['US', 'IVUS']),
    ('positron|\bpet\b', ['PT', 'CT', 'MR']),
    ('scintigra|\bspect\b|nuclear|radionuclide|isotope', ['NM', 'PT', 'CT']),
    ('angiogra|catheteri[sz]ation|percutaneous coronary', ['XA', 'RF', 'IVUS', 'IVOCT']),
    ('fluoroscop|barium|swallow stud|enema', ['RF', 'XA']),
    ('bone densi|densitometr|\bde?xa\b', ['BMD', 'BDUS', 'DX', 'CR', 'OT']),
    ('fundosc|fundus|retinal photo', ['OP', 'OPT']),
    ('optical coherence', ['OPT', 'OP', 'OCT', 'IVOCT']),
    ('endoscop|colonoscop|gastroscop|bronchoscop|sigmoidoscop', ['ES', 'XC']),
    ('electrocardiogra', ['ECG']),
    ('electroencephalogra', ['EEG']),
    ('histolog|patholog|biopsy', ['SM', 'GM']),
    ('dermosc|dermatosc', ['DMS', 'XC'])
),

described_code AS (
    SELECT
        p.code,
        lower(max(p.description)) AS description
    FROM raw.ehr_procedure AS p
    WHERE p.code IS NOT NULL
    GROUP BY p.code
),

worded AS (
    SELECT
        d.code,
        unnest(w.modalities) AS modality
    FROM described_code AS d
    INNER JOIN modality_word AS w ON regexp_matches(d.description, w.pattern)
),

observed AS (
    SELECT DISTINCT
        i.procedure_code AS code,
        upper(trim(i.modality_code)) AS modality
    FROM raw.ehr_imaging_study AS i
    WHERE i.procedure_code IS NOT NULL AND i.modality_code IS NOT NULL
)

SELECT
    w.code AS code,
    w.modality AS modality
FROM worded AS w
UNION
SELECT
    o.code AS code,
    o.modality AS modality
FROM observed AS o
