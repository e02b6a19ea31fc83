"""The broker's functions and the site's clock as DuckDB macros, so that SQL files can use them.

The key never stands in SQL text: its two HMAC blocks (RFC 2104) are session variables. A test
holds these macros equal to `identity.broker`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

_HMAC = """
CREATE MACRO irw_hmac_hex(label, value) AS
    sha256(getvariable('irw_outer') || unhex(sha256(
        getvariable('irw_inner') || encode(label || chr(31) || CAST(value AS VARCHAR)))));
CREATE MACRO sep() AS chr(31);
CREATE MACRO omop_key(label, natural_key) AS CAST(
    CAST('0x' || left(irw_hmac_hex(label, natural_key), 16) AS UBIGINT)
    & CAST(9223372036854775807 AS UBIGINT) AS BIGINT);
CREATE MACRO irw_uid(original) AS '2.25.' || CAST((
    CAST(CAST('0x' || left(irw_hmac_hex('uid', original), 16) AS UBIGINT)
        & CAST(18446744073709490175 AS UBIGINT) | CAST(32768 AS UBIGINT) AS UHUGEINT)
        * CAST(18446744073709551616 AS UHUGEINT)
    + CAST(CAST('0x' || substr(irw_hmac_hex('uid', original), 17, 16) AS UBIGINT)
        & CAST(4611686018427387903 AS UBIGINT)
        | CAST(9223372036854775808 AS UBIGINT) AS UHUGEINT)) AS VARCHAR);
CREATE MACRO accession_pseudonym(original) AS
    'A' || upper(left(irw_hmac_hex('accession', original), 15));
CREATE MACRO irw_token(label, original) AS upper(left(irw_hmac_hex(label, original), 16));
"""

_CLOCK = """
CREATE MACRO local_timestamp(written) AS CASE
    WHEN regexp_matches(written, '(Z|[+-]\\d\\d:?\\d\\d)$')
        THEN timezone(getvariable('irw_zone'), try_cast(written AS TIMESTAMPTZ))
    ELSE try_cast(written AS TIMESTAMP) END;
CREATE MACRO local_date(written) AS CASE
    WHEN length(written) = 10 THEN try_cast(written AS DATE)
    ELSE CAST(local_timestamp(written) AS DATE) END;
"""


def install(
    connection: duckdb.DuckDBPyConnection, pads: tuple[bytes, bytes] | None, time_zone: str
) -> None:
    """Create the macros in a connection; without `pads` those that need the key do not exist."""
    connection.execute("SET VARIABLE irw_zone = $zone", {"zone": time_zone})
    connection.execute(_CLOCK)
    if pads is not None:
        connection.execute("SET VARIABLE irw_inner = $pad", {"pad": pads[0]})
        connection.execute("SET VARIABLE irw_outer = $pad", {"pad": pads[1]})
        connection.execute(_HMAC)
