"""The whole graph over given drops, as Dagster runs recorded in the instance of `IRW_HOME`."""

import contextlib
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg

from irw_pipeline.cohort.definition import load_definition, load_definitions
from irw_pipeline.defs.landed import report_landed
from irw_pipeline.defs.partitions import INGEST_BATCH
from irw_pipeline.errors import InputError
from irw_pipeline.omop.vocabulary import VOCABULARY_TABLES
from irw_pipeline.settings import Settings
from irw_pipeline.steps.build_cohort import build_cohort
from irw_pipeline.steps.land_drop import land_dicom, land_tables, register_objects
from irw_pipeline.steps.load_tables import check_drop, landed_tables
from irw_pipeline.steps.publish_table import require_open
from irw_pipeline.steps.warehouse import PERSON_MAP, Warehouse
from irw_pipeline.steps.watch_landing import waiting_batches

Report = Callable[[str], None]


@dataclass(frozen=True)
class Drops:
    """The drops of one `irw run`; None where nothing is given."""

    dicom: Path | None = None
    ehr: Path | None = None
    biobank: Path | None = None
    vocabulary: Path | None = None
    mpi: Path | None = None


@dataclass
class Outcome:
    """What the runs came to: job and partition of those that failed, with one line each."""

    failures: list[str] = field(default_factory=list)
    batches: list[str] = field(default_factory=list)


def instance_yaml() -> Path:
    """The instance configuration: at the root of a checkout, else inside the package."""
    package = Path(__file__).resolve().parent.parent
    beside = package.parent / "dagster.yaml"
    return beside if beside.is_file() else package / "dagster.yaml"


@contextlib.contextmanager
def open_instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """Give the Dagster instance of the settings' home, made on first use."""
    home = settings.home_path
    home.mkdir(parents=True, exist_ok=True)
    target = home / "dagster.yaml"
    if not target.exists() or target.read_bytes() != instance_yaml().read_bytes():
        shutil.copyfile(instance_yaml(), target)
    os.environ["DAGSTER_HOME"] = str(home)
    # the graph's resources read the environment: they must see what this command was given
    os.environ["IRW_LAKE"] = settings.lake
    os.environ["IRW_POLICY"] = settings.policy
    # Dagster prints each redacted error with its traceback; ours is one line, from the event
    logging.getLogger("dagster.redacted_errors").addHandler(logging.NullHandler())
    logging.getLogger("dagster.redacted_errors").propagate = False
    os.environ["DAGSTER_REDACT_USER_CODE_ERRORS"] = "1"
    with dg.DagsterInstance.from_config(str(home)) as instance:
        _end_dead_runs(instance)
        yield instance


_PID_TAG = "irw/pid"


def _end_dead_runs(instance: dg.DagsterInstance) -> None:
    """Report runs of a killed `irw` as failed, so that the UI does not show them as under way."""
    status = dg.DagsterRunStatus
    open_ones = [status.NOT_STARTED, status.STARTING, status.STARTED, status.CANCELING]
    for run in instance.get_runs(dg.RunsFilter(statuses=open_ones)):
        pid = run.tags.get(_PID_TAG, "")
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            instance.report_run_failed(run, "its process ended before it did")
            # a dead run keeps its place in the pools, and every later step would wait for it
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)


def run_warehouse(
    warehouse: Warehouse,
    drops: Drops,
    report: Report,
    progress: Callable[[int, int], None] | None = None,
) -> Outcome:
    """Land the drops and run the whole graph: load, ingest every batch, publish.

    A job that fails stops what depends on it; what was published before stays as it was.

    Raises:
        IrwError: A drop cannot be used; then nothing has been landed.
    """
    tables = {
        "ehr": drops.ehr,
        "biobank": drops.biobank,
        "mpi": drops.mpi,
        "vocabulary": drops.vocabulary,
    }
    given = {kind: source for kind, source in tables.items() if source is not None}
    for kind, source in given.items():
        check_drop(kind, source)
    objects = land_dicom(warehouse, drops.dicom, progress) if drops.dicom else []
    for kind, source in given.items():
        land_tables(warehouse, kind, source)
    outcome = Outcome(batches=register_objects(warehouse, objects))
    with open_instance(warehouse.settings) as instance:
        report("load_ehr_job")
        loaded = [*landed_tables(warehouse), *VOCABULARY_TABLES, PERSON_MAP]
        if not _run(instance, "load_ehr_job", None, outcome, [dg.AssetKey(t.key) for t in loaded]):
            return outcome
        batches = sorted({*outcome.batches, *waiting_batches(warehouse)})
        instance.add_dynamic_partitions(str(INGEST_BATCH.name), batches)
        report_landed(instance, warehouse, batches)
        for number, batch in enumerate(batches, start=1):
            report(f"ingest_batch_job {number}/{len(batches)}")
            _run(instance, "ingest_batch_job", batch, outcome)
        report("publish_job")
        _run(instance, "publish_job", None, outcome)
    return outcome


def run_assets(settings: Settings, keys: list[list[str]]) -> Outcome:
    """Materialize some assets of `publish_job` in one recorded run."""
    outcome = Outcome()
    selection = [dg.AssetKey(key) for key in keys]
    with open_instance(settings) as instance:
        _run(instance, "publish_job", None, outcome, selection)
    return outcome


def build_one_cohort(warehouse: Warehouse, name: str) -> tuple[Outcome, str]:
    """Build a declared cohort as a recorded run, or one of a user's file directly.

    Returns:
        The outcome, and the name of the cohort's table.

    Raises:
        InputError: There is no such cohort or file.
        GateClosedError: The gate refused a cohort of a file.
    """
    declared = set(load_definitions())
    if name in declared:
        return run_assets(warehouse.settings, [["cohort", name]]), name
    path = Path(name)
    if path.suffix not in {".yaml", ".yml", ".sql"}:
        listed = ", ".join(sorted(declared))
        raise InputError(f"there is no cohort {name}; give one of {listed}, or a YAML or SQL file")
    definition = load_definition(path)
    if definition.name in declared:
        raise InputError(f"cohort {definition.name} is shipped; give yours another name")
    require_open(build_cohort(warehouse, definition))
    return Outcome(), definition.name


def _run(
    instance: dg.DagsterInstance,
    job_name: str,
    partition: str | None,
    outcome: Outcome,
    selection: list[dg.AssetKey] | None = None,
) -> bool:
    from irw_pipeline.definitions import defs  # noqa: PLC0415 - builds the graph, on first use

    job = defs().resolve_job_def(job_name)
    result = job.execute_in_process(
        instance=instance,
        partition_key=partition,
        raise_on_error=False,
        asset_selection=selection,
        tags={_PID_TAG: str(os.getpid())},
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
    )
    if result.success:
        return True
    where = job_name if partition is None else f"{job_name}[{partition}]"
    failed = [event for event in result.all_events if event.is_step_failure]
    lines = []
    for event in failed:
        error = event.step_failure_data.error
        cause = error.cause if error and error.cause else error
        text = event.step_failure_data.user_failure_data
        said = text.description if text and text.description else (cause and cause.cls_name)
        lines.append(f"{where}: {event.step_key}: {said or 'failed'}")
    outcome.failures.extend(lines or [f"{where}: failed"])
    return False
