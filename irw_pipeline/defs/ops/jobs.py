"""The jobs: load an EHR drop, ingest one batch, publish what follows from both, keep house."""

import dagster as dg

from irw_pipeline.cohort.definition import load_definitions
from irw_pipeline.ids import TableName
from irw_pipeline.omop.sql_file import sql_tables
from irw_pipeline.omop.vocabulary import VOCABULARY_TABLES
from irw_pipeline.steps.deidentify_batch import ACTION_LOG, INSTANCE, QUARANTINED
from irw_pipeline.steps.load_tables import drop_tables
from irw_pipeline.steps.maintain_lake import maintain_lake
from irw_pipeline.steps.read_batch import DICOM_INSTANCE
from irw_pipeline.steps.review_queue import REVIEW
from irw_pipeline.steps.warehouse import PERSON_MAP, Warehouse


def _assets(*tables: TableName) -> dg.AssetSelection:
    return dg.AssetSelection.assets(*(dg.AssetKey(table.key) for table in tables))


@dg.op
def maintain_tables(context: dg.OpExecutionContext, warehouse: dg.ResourceParam[Warehouse]) -> None:
    """Compact and vacuum every table; logs counts."""
    context.log.info("maintained the lake: %s", maintain_lake(warehouse))


@dg.job
def maintain_lake_job() -> None:
    """Compact small files and remove what no retained version needs."""
    maintain_tables()


load_ehr_job = dg.define_asset_job(
    "load_ehr_job",
    selection=_assets(*drop_tables(), *VOCABULARY_TABLES, PERSON_MAP),
    description="Load the current EHR, MPI and biobank drops and the vocabulary.",
)

ingest_batch_job = dg.define_asset_job(
    "ingest_batch_job",
    selection=_assets(DICOM_INSTANCE, PERSON_MAP, INSTANCE, ACTION_LOG, QUARANTINED, REVIEW),
    description="Read and de-identify one batch of landed objects.",
)

publish_job = dg.define_asset_job(
    "publish_job",
    selection=_assets(*sql_tables(), *(cohort.table for cohort in load_definitions().values())),
    description="Derive the imaging catalogue, the OMOP tables, the links and the cohorts.",
)
