"""OMOP: source formats, the vocabulary, and one SELECT per CDM table. No Dagster, no keys."""
