"""Zones, Delta tables, objects and the DuckDB session over them. Knows no contract and no policy.

The only layer that imports deltalake. Its messages carry row values, so no exception of it ever
leaves this layer: only its class name does.
"""
