"""The frames that a cohort's SQL reads, made from its definition. Pure: nothing is opened."""

from __future__ import annotations

import pyarrow as pa

from irw_pipeline.cohort.definition import CohortDefinition

_TEXT = pa.string()


def frames(definition: CohortDefinition) -> dict[str, pa.Table]:
    """Return the frames by the names that `-- Uses frame NAME.` gives; an empty list is no rows.

    Returns:
        `cohort_concept` (vocabulary_id, concept_code, role), where the role of a prefix ends in
        `_prefix`; `cohort_modality` (modality); `cohort_body_part` (body_part).
    """
    roles = [f"{code.role}_prefix" if code.is_prefix else code.role for code in definition.codes]
    return {
        "cohort_concept": pa.table(
            {
                "vocabulary_id": pa.array([c.vocabulary_id for c in definition.codes], _TEXT),
                "concept_code": pa.array([c.concept_code for c in definition.codes], _TEXT),
                "role": pa.array(roles, _TEXT),
            }
        ),
        "cohort_modality": pa.table({"modality": pa.array(definition.modalities, _TEXT)}),
        "cohort_body_part": pa.table({"body_part": pa.array(definition.body_parts, _TEXT)}),
    }
