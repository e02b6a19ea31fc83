"""A declared cohort becomes its table of members and series."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irw_pipeline.steps.build_table import build_from

if TYPE_CHECKING:
    from irw_pipeline.cohort.definition import CohortDefinition
    from irw_pipeline.steps.publish_table import Publication
    from irw_pipeline.steps.warehouse import Warehouse


def build_cohort(warehouse: Warehouse, definition: CohortDefinition) -> Publication:
    """Publish the members of a cohort.

    Raises:
        StaleInputError: An input's last gate refused it.
    """
    return build_from(warehouse, definition.table, definition.sql, definition.frames())
