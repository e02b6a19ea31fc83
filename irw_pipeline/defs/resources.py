"""Resources: factories of plain objects, configured from the environment on first use."""

from datetime import UTC, datetime

import dagster as dg

from irw_pipeline.settings import Settings
from irw_pipeline.steps.warehouse import Warehouse, open_warehouse


class WarehouseResource(dg.ConfigurableResource[Warehouse]):
    """Gives the warehouse of `IRW_LAKE`; every other setting comes from its own `IRW_` name."""

    lake: str

    def create_resource(
        self,
        context: dg.InitResourceContext,  # noqa: ARG002 - Dagster's signature
    ) -> Warehouse:
        """Open it; the day of the run is the day in UTC."""
        settings = Settings.load(lake=self.lake)
        return open_warehouse(settings, as_of=datetime.now(UTC).date())


@dg.definitions
def resources() -> dg.Definitions:
    """The resources and the executor of every job.

    In process, since a process per step costs two CPU-seconds each; the parallel work is in the
    steps' own pools and in several runs.
    """
    return dg.Definitions(
        resources={"warehouse": WarehouseResource(lake=dg.EnvVar("IRW_LAKE"))},
        executor=dg.in_process_executor,
    )
