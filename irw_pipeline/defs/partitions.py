"""The partitions: an ingest batch is a bounded, content-addressed manifest of objects."""

import dagster as dg

INGEST_BATCH = dg.DynamicPartitionsDefinition(name="ingest_batch")
EXECUTOR = dg.in_process_executor
OWNERS = ["team:imaging-research-warehouse"]
CODE_VERSION = "1"
EHR_UNPARTITIONED = "an EHR extract is a whole; its table is replaced as one"
