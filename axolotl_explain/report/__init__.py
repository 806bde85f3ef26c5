"""The report: what runs have shown, as one HTML page, tables and pictures."""
