"""Use cases: one file and one public function each. No Dagster, no globals."""
