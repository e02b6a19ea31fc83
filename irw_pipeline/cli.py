"""`irw`: the command line. Parses, calls, prints; the work is in `steps/` and `defs/launch`.

Exit codes: 0 all of it was published, 2 some went to quarantine, 1 it failed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from irw_pipeline.cli_cohort import cohort
from irw_pipeline.cli_errors import FAILED, OneLineErrors
from irw_pipeline.cli_lake import lake_option, settings_of, today, warehouse_of
from irw_pipeline.cli_progress import progress, say
from irw_pipeline.cli_review import review
from irw_pipeline.errors import InputError

if TYPE_CHECKING:
    from irw_pipeline.settings import Settings

QUARANTINED = 2


@click.group(cls=OneLineErrors, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="irw-pipeline")
def main() -> None:
    """Imaging Research Warehouse: images and EHR joined without identities."""
    from irw_pipeline.settings import refuse_unknown_names

    refuse_unknown_names()


main.add_command(cohort)
main.add_command(review)


@main.command()
@click.option("--lake", metavar="DIR", default="demo_lake", show_default=True, help="The lake.")
@click.option("--patients", default=40, show_default=True, type=click.IntRange(min=1))
@click.option(
    "--break", "damage", metavar="NAME", help="Damage the input first; see --list-breaks."
)
@click.option("--list-breaks", is_flag=True, help="List the damages and the gates that stop them.")
def demo(lake: str, patients: int, damage: str | None, *, list_breaks: bool) -> int:
    """Make a synthetic hospital, run the whole graph over it, say what was published."""
    from irw_pipeline.demo import damage as damages
    from irw_pipeline.demo.hospital import make_hospital
    from irw_pipeline.steps.describe_lake import demo_epilogue

    if list_breaks:
        for one in damages.DAMAGES.values():
            click.echo(f"{one.name:20} {one.what}\n{'':20} stopped by: {one.expected_gate}")
        return 0
    if damage is not None and damage not in damages.DAMAGES:
        known = ", ".join(damages.DAMAGES)
        raise InputError(f"there is no damage {damage}; give one of {known}")
    settings = settings_of(lake)
    drop = settings.home_path / "hospital"
    click.echo(f"making a hospital of {patients} patients")
    hospital = make_hospital(drop, patients=patients)
    if damage is not None:
        click.echo(f"damaged: {damages.break_hospital(drop, damage)}")
    code = _run(
        settings,
        dicom=hospital.dicom,
        ehr=hospital.ehr,
        biobank=hospital.biobank,
        mpi=hospital.mpi,
    )
    if code != FAILED:
        click.echo(demo_epilogue(settings))
    return code


@main.command()
@click.option("--dicom", type=click.Path(path_type=Path), help="A folder or file of DICOM objects.")
@click.option("--ehr", type=click.Path(path_type=Path), help="A folder with an EHR extract.")
@click.option("--biobank", type=click.Path(path_type=Path), help="A biobank manifest.")
@click.option("--vocab", type=click.Path(path_type=Path), help="An Athena download, unpacked.")
@click.option("--mpi", type=click.Path(path_type=Path), help="patient_id,issuer,ehr_patient_id.")
@lake_option
@click.option("--policy", help="De-identification policy [IRW_POLICY, research].")
def run(  # noqa: PLR0917 - click passes options by name
    dicom: Path | None,
    ehr: Path | None,
    biobank: Path | None,
    vocab: Path | None,
    mpi: Path | None,
    lake: str | None,
    policy: str | None,
) -> int:
    """Run the whole graph over the given drops, and over what was decided in the review."""
    if dicom is None and ehr is None and not _is_decided(lake):
        raise InputError("nothing to run on; give --dicom, --ehr or both")
    for drop in (dicom, ehr, biobank, vocab, mpi):  # before a new lake gets a key
        if drop is not None and not drop.exists():
            raise InputError(f"{drop} does not exist; correct the path")
    settings = settings_of(lake, policy=policy)
    return _run(settings, dicom=dicom, ehr=ehr, biobank=biobank, vocabulary=vocab, mpi=mpi)


@main.command()
@click.argument("source", type=click.Path(path_type=Path), required=False)
@click.argument("target", type=click.Path(path_type=Path), required=False)
@click.option(
    "--policy",
    default="research",
    show_default=True,
    help="Name or file.yaml; + lays a file over it.",
)
@click.option("--mapping", type=click.Path(path_type=Path), help="CSV with one row per input.")
@click.option("--ehr", type=click.Path(path_type=Path), help="Folder with patients.csv.")
@click.option("--key-file", type=click.Path(path_type=Path), help="Identity key [IRW_KEY_FILE].")
@click.option(
    "--workers", default=0, envvar="IRW_WORKERS", type=click.IntRange(min=0),
    help="Worker processes; 0 is one per core [IRW_WORKERS].",
)  # fmt: skip
@click.option(
    "--review", "review_folder", metavar="FOLDER", type=click.Path(path_type=Path),
    help="Ask about uncertain pixels here, and go by what was decided; see `irw review`.",
)  # fmt: skip
@click.option("--explain", metavar="POLICY", help="Print the flattened table of a policy.")
def deid(  # noqa: PLR0917 - click passes options by name
    source: Path | None,
    target: Path | None,
    policy: str,
    mapping: Path | None,
    ehr: Path | None,
    key_file: Path | None,
    workers: int,
    review_folder: Path | None,
    explain: str | None,
) -> int:
    """De-identify the files of SOURCE into TARGET, with no lake."""
    from irw_pipeline.deid.policy.policy import load_policy

    if explain is not None:
        for row in load_policy(explain).flatten():
            click.echo("\t".join(row))
        return 0
    if source is None or target is None or mapping is None:
        raise InputError("give SOURCE, TARGET and --mapping FILE.csv")
    from irw_pipeline.steps.deidentify_folder import deidentify_folder
    from irw_pipeline.steps.list_inputs import check_paths
    from irw_pipeline.steps.review_folder import open_review
    from irw_pipeline.steps.warehouse import folder_broker

    check_paths(source, target, mapping)  # before a key is made
    broker = folder_broker(key_file, beside=mapping)
    asked = (
        open_review(review_folder, source=source, target=target, broker=broker, as_of=today())
        if review_folder
        else None
    )
    summary = deidentify_folder(
        source,
        target,
        policy=policy,
        mapping=mapping,
        broker=broker,
        ehr=ehr,
        workers=workers,
        review=asked,
        report=progress("de-identified"),
    )
    click.echo(f"released {summary.released}, quarantined {summary.quarantined}; see {mapping}")
    return QUARANTINED if summary.quarantined else 0


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("query")
@lake_option
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table",
    show_default=True,
)  # fmt: skip
def sql(query: str, lake: str | None, form: str) -> int:
    """Ask the research zone with DuckDB SQL: schemas omop, imaging, cohort, genomics."""
    from irw_pipeline.analyst.connection import connect
    from irw_pipeline.analyst.query import run_query

    click.echo(run_query(connect(lake, is_confined=True), query, form), nl=False)
    return 0


@main.group(cls=click.Group)
def keys() -> None:
    """The identity key of a lake."""


@keys.command("new")
@lake_option
def keys_new(lake: str | None) -> int:
    """Make the identity key of a new lake; an existing key is never overwritten."""
    from irw_pipeline.settings import write_new_secret

    settings = settings_of(lake)
    write_new_secret(settings.key_path)
    click.echo(f"made {settings.key_path}; keep a copy in a safe place, apart from the lake")
    return 0


@main.command()
@click.option("--port", required=True, type=click.IntRange(0, 65535))
@click.option("--aet", required=True, metavar="NAME", help="Our AE title.")
@click.option("--bind", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--allow", multiple=True, metavar="AET", help="Calling AE titles; all when absent.")
@lake_option
def receive(port: int, aet: str, bind: str, allow: tuple[str, ...], lake: str | None) -> int:
    """Receive C-STORE into the landing zone until stopped."""
    from irw_pipeline.gateway.receiver import serve
    from irw_pipeline.steps.land_drop import landing_store

    store = landing_store(settings_of(lake))
    receiver = serve(store, port=port, ae_title=aet, allowed=frozenset(allow), host=bind)
    click.echo(f"receiving as {aet} on {bind}:{receiver.port}; Ctrl-C stops", err=True)
    try:
        click.pause(info="") if sys.stdin.isatty() else _wait_for_signal()
    finally:
        receiver.stop()
        click.echo(f"received {receiver.received_count}, refused {receiver.failed_count}", err=True)
    return 0


def _wait_for_signal() -> None:
    import signal

    signal.sigwait({signal.SIGINT, signal.SIGTERM})


def _is_decided(lake: str | None) -> bool:
    """Whether people decided what no run has taken into account."""
    from irw_pipeline.steps.review_queue import decided_batches
    from irw_pipeline.steps.warehouse import open_lake

    return bool(decided_batches(open_lake(settings_of(lake))))


def _run(settings: Settings, **drops: Path | None) -> int:
    from irw_pipeline.defs.launch import Drops, run_warehouse
    from irw_pipeline.deid.policy.policy import load_policy
    from irw_pipeline.steps.describe_lake import describe_lake
    from irw_pipeline.steps.warehouse import require_same_key

    if load_policy(settings.policy).dates != "shift":
        raise InputError(
            f"policy {settings.policy} does not shift dates as the EHR's are shifted, so intervals "
            "would be false; use research for a lake, or `irw deid` for this policy"
        )
    had_key = settings.key_path.is_file()
    warehouse = warehouse_of(settings, may_make_key=True)
    if not had_key:
        click.echo(f"made a new identity key, {settings.key_path}: keep a copy apart from the lake")
    require_same_key(warehouse)
    outcome = run_warehouse(warehouse, Drops(**drops), say, progress("landed"))
    for line in outcome.failures:
        click.echo(f"irw: {line}", err=True)
    description = describe_lake(warehouse)
    click.echo(description.text)
    if outcome.failures:
        return FAILED
    return QUARANTINED if description.quarantined else 0
