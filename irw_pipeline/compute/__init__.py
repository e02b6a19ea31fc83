"""Map a pure function over items: `mapping` says what holds, `local` and `ray` are the backends.

Knows nothing of DICOM, tables or settings; the caller says where the work runs.
"""
