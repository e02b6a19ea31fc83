"""What wakes the graph: new objects, a new EHR drop, and a job that others follow from."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from irw_pipeline.defs.landed import report_landed
from irw_pipeline.defs.ops.jobs import ingest_batch_job, load_ehr_job, publish_job
from irw_pipeline.defs.partitions import INGEST_BATCH
from irw_pipeline.errors import IrwError
from irw_pipeline.steps.land_drop import batch_sizes, register_objects
from irw_pipeline.steps.warehouse import Warehouse
from irw_pipeline.steps.watch_landing import (
    new_ehr_drop,
    new_objects,
    take_ehr_drop,
    waiting_batches,
)


@dg.sensor(job=ingest_batch_job, minimum_interval_seconds=30)
def landing_sensor(
    context: dg.SensorEvaluationContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.SensorResult | dg.SkipReason:
    """Turn settled new objects of the landing zone into batches and one run for each."""
    try:
        objects = new_objects(warehouse, datetime.now(UTC))
        register_objects(warehouse, objects)
        # a tick that was cut off after registering is made up for here
        asked = set(context.instance.get_dynamic_partitions(str(INGEST_BATCH.name)))
        batches = sorted(set(batch_sizes(warehouse)) - asked)
    except IrwError as error:
        return dg.SkipReason(str(error))
    if not batches:
        return dg.SkipReason("nothing new in the landing zone")
    report_landed(context.instance, warehouse, batches)
    return dg.SensorResult(
        run_requests=[dg.RunRequest(run_key=batch, partition_key=batch) for batch in batches],
        dynamic_partitions_requests=[INGEST_BATCH.build_add_request(batches)],
    )


@dg.sensor(job=load_ehr_job, minimum_interval_seconds=60)
def ehr_sensor(warehouse: dg.ResourceParam[Warehouse]) -> dg.SensorResult | dg.SkipReason:
    """Turn a settled new folder below `ehr/` of the landing zone into a load."""
    try:
        drop = new_ehr_drop(warehouse, datetime.now(UTC))
        if drop is None:
            return dg.SkipReason("no new EHR drop in the landing zone")
        take_ehr_drop(warehouse, drop)
    except IrwError as error:
        return dg.SkipReason(str(error))
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=drop.drop_id)])


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    monitored_jobs=[load_ehr_job, ingest_batch_job],
    request_jobs=[ingest_batch_job, publish_job],
    minimum_interval_seconds=30,
)
def publish_sensor(
    context: dg.RunStatusSensorContext, warehouse: dg.ResourceParam[Warehouse]
) -> Iterator[dg.RunRequest]:
    """After a load or an ingest, publish; after a load, also retry what waits for a patient."""
    run = context.dagster_run
    if run.job_name == load_ehr_job.name:
        for batch in waiting_batches(warehouse):
            yield dg.RunRequest(
                run_key=f"retry-{batch}-{run.run_id}",
                partition_key=batch,
                job_name=ingest_batch_job.name,
            )
    yield dg.RunRequest(run_key=f"publish-{run.run_id}", job_name=publish_job.name)
