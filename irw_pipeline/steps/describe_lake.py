"""What a lake holds, for people: rows and versions per table, and what waits in quarantine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from irw_pipeline.analyst.connection import connect
from irw_pipeline.analyst.query import as_table, run_query
from irw_pipeline.contracts.model import contract_names
from irw_pipeline.errors import InputError
from irw_pipeline.ids import TableName
from irw_pipeline.lake.session import Session, scan_sql
from irw_pipeline.steps.publish_table import refused_tables
from irw_pipeline.steps.review_queue import REVIEW, waiting_count

if TYPE_CHECKING:
    from irw_pipeline.settings import Settings
    from irw_pipeline.steps.warehouse import Warehouse

EXAMPLE_QUERY = """\
SELECT i.modality_source_value AS modality, count(DISTINCT i.person_id) AS persons,
       count(DISTINCT i.image_occurrence_id) AS series,
       count(DISTINCT c.condition_source_value) AS conditions
FROM omop.image_occurrence AS i
LEFT JOIN omop.condition_occurrence AS c
    ON c.person_id = i.person_id AND c.condition_start_date <= i.image_occurrence_date
GROUP BY modality ORDER BY series DESC"""
_SHOWN_LAYERS = ("imaging", "omop", "genomics", "cohort")


@dataclass(frozen=True)
class LakeDescription:
    """The text to print, and how many objects and rows wait in quarantine."""

    text: str
    quarantined: int


def describe_lake(warehouse: Warehouse) -> LakeDescription:
    """Return what is published, refused and quarantined; counts only."""
    lake = warehouse.lake
    rows: list[tuple[object, ...]] = []
    waiting: list[tuple[object, ...]] = []
    with Session(lake) as session:
        for table in contract_names():
            version = lake.version(table)
            if version is None or table == REVIEW:
                continue
            source = scan_sql(lake.uri(table), version)
            if table.layer == "quarantine":
                what = "'object'" if table.name == "instance" else "table_name"
                waiting += session.connection.execute(
                    f"SELECT {what}, reason_code, count(*) FROM {source} GROUP BY ALL ORDER BY ALL"
                ).fetchall()
            elif table.layer in _SHOWN_LAYERS:
                count = session.scalar(f"SELECT count(*) FROM {source}")
                rows.append((str(table), count, version))
    parts = ["", "Published", as_table(["table", "rows", "delta_version"], rows), "", "Quarantined"]
    parts.append(as_table(["what", "reason", "count"], waiting))
    if in_review := waiting_count(lake):
        parts.append(f"{in_review} wait for a person to look at their pixels: irw review list")
    refused = refused_tables(lake)
    if refused:
        parts += ["", f"Refused by their gate, nothing published: {', '.join(refused)}"]
    parts += ["", "Where it lies"]
    parts += [f"  {zone:12} {uri}" for zone, uri in sorted(lake.zones.uris.items())]
    return LakeDescription("\n".join(parts), sum(int(str(row[2])) for row in waiting))


def demo_epilogue(settings: Settings) -> str:
    """Return an example query with its answer, and how to open the UI."""
    answer = run_query(connect(settings.lake), EXAMPLE_QUERY)
    query = EXAMPLE_QUERY.replace("\n", "\n  ")
    return "\n".join(
        [
            "",
            "An example query, with its answer",
            f'  irw sql --lake {settings.lake} "{query}"',
            answer,
            "",
            "Open the UI: make ui, then a browser at port 3000 of this machine",
        ]
    )


def describe_cohort(settings: Settings, name: str) -> str:
    """Return the persons, studies, series and modalities of a built cohort.

    Raises:
        InputError: It has not been built.
    """
    table = TableName("cohort", name)
    connection = connect(settings.lake)
    built = "SELECT count(*) FROM duckdb_views() WHERE schema_name = 'cohort' AND view_name = $name"
    if connection.execute(built, {"name": table.name}).fetchone() == (0,):
        raise InputError(f"cohort {name} has not been built; run `irw cohort build {name}`")
    query = (
        "SELECT count(DISTINCT person_id) AS persons, count(DISTINCT image_study_uid) AS studies, "
        "count(*) AS series, string_agg(DISTINCT modality, ',' ORDER BY modality) AS modalities "
        f"FROM {table}"
    )
    return run_query(connection, query)
