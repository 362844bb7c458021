"""Report, count, read."""
