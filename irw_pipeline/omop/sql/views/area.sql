-- area: one row per state and ZIP code that occurs in the EHR, with the coarser area that may be told of it.
-- Reads raw.ehr_patient, raw.ehr_organization.
-- HIPAA, 45 CFR 164.514(b)(2)(i)(B): the state, and the first three digits of the ZIP code, or 000 where the ZIP codes
-- of these digits hold 20,000 people or fewer. The 17 are those of the 2000 census that the guidance of HHS lists.
WITH us_state (state_code, state_name) AS (
    VALUES
    ('AL', 'alabama'),
    ('AK', 'alaska'),
    ('AZ', 'arizona'),
    ('AR', 'arkansas'),
    ('CA', 'california'),
    ('CO', 'colorado'),
    ('CT', 'connecticut'),
    ('DE', 'delaware'),
    ('DC', 'district of columbia'),
    ('FL', 'florida'),
    ('GA', 'georgia'),
    ('HI', 'hawaii'),
    ('ID', 'idaho'),
    ('IL', 'illinois'),
    ('IN', 'indiana'),
    ('IA', 'iowa'),
    ('KS', 'kansas'),
    ('KY', 'kentucky'),
    ('LA', 'louisiana'),
    ('ME', 'maine'),
    ('MD', 'maryland'),
    ('MA', 'massachusetts'),
    ('MI', 'michigan'),
    ('MN', 'minnesota'),
    ('MS', 'mississippi'),
    ('MO', 'missouri'),
    ('MT', 'montana'),
    ('NE', 'nebraska'),
    ('NV', 'nevada'),
    ('NH', 'new hampshire'),
    ('NJ', 'new jersey'),
    ('NM', 'new mexico'),
    ('NY', 'new york'),
    ('NC', 'north carolina'),
    ('ND', 'north dakota'),
    ('OH', 'ohio'),
    ('OK', 'oklahoma'),
    ('OR', 'oregon'),
    ('PA', 'pennsylvania'),
    ('PR', 'puerto rico'),
    ('RI', 'rhode island'),
    ('SC', 'south carolina'),
    ('SD', 'south dakota'),
    ('TN', 'tennessee'),
    ('TX', 'texas'),
    ('UT', 'utah'),
    ('VT', 'vermont'),
    ('VA', 'virginia'),
    ('WA', 'washington'),
    ('WV', 'west virginia'),
    ('WI', 'wisconsin'),
    ('WY', 'wyoming')
),

received_place AS (
    SELECT
        p.state AS received_state,
        p.zip AS received_zip
    FROM raw.ehr_patient AS p
    UNION
    SELECT
        o.state AS received_state,
        o.zip AS received_zip
    FROM raw.ehr_organization AS o
),

full_zip AS (
    -- a ZIP code that was once a number has lost its leading zeros
    SELECT
        r.received_state,
        r.received_zip,
        regexp_replace(coalesce(r.received_zip, ''), '[^0-9]', '', 'g') AS digits
    FROM received_place AS r
),

coarse AS (
    SELECT
        z.received_state,
        z.received_zip,
        s.state_code AS state,
        CASE
            WHEN length(z.digits) BETWEEN 3 AND 5 THEN left(lpad(z.digits, 5, '0'), 3)
            WHEN length(z.digits) BETWEEN 7 AND 9 THEN left(lpad(z.digits, 9, '0'), 3)
        END AS zip3
    FROM full_zip AS z
    LEFT JOIN us_state AS s
        ON upper(trim(z.received_state)) = s.state_code OR lower(trim(z.received_state)) = s.state_name
),

safe AS (
    SELECT
        c.received_state,
        c.received_zip,
        c.state,
        CASE
            WHEN
                c.zip3 IN (
                    '036', '059', '063', '102', '203', '556', '692', '790', '821', '823', '830', '831', '878', '879',
                    '884', '890', '893'
                )
                THEN '000'
            ELSE c.zip3
        END AS zip3
    FROM coarse AS c
)

SELECT
    s.received_state AS received_state,
    s.received_zip AS received_zip,
    s.state AS state,
    s.zip3 AS zip3,
    CASE
        WHEN s.state IS NOT NULL OR s.zip3 IS NOT NULL
            THEN omop_key('location', coalesce(s.state, '') || sep() || coalesce(s.zip3, ''))
    END AS location_id
FROM safe AS s
