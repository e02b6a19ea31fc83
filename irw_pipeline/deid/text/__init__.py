"""Free text without identifiers: one cleaner for headers, reports and notes."""
