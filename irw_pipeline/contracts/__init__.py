"""Data contracts: an ODCS file becomes an Arrow schema, check specs, a suite and a verdict.

The only layer that imports Great Expectations. Knows nothing of the lake: callers bring rows.
"""
