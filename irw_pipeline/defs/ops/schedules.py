"""The daily housekeeping."""

import dagster as dg

from irw_pipeline.defs.ops.jobs import maintain_lake_job

maintain_lake_daily_schedule = dg.ScheduleDefinition(
    name="maintain_lake_job_daily_schedule",
    job=maintain_lake_job,
    cron_schedule="0 3 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.STOPPED,
)
