"""Export to a file, and import of one."""
