"""Dagster only: assets, checks, sensors, schedules, jobs. Thin; the work is in `steps/`."""
