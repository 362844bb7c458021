"""The order of work of flash sales: one verb a file."""
