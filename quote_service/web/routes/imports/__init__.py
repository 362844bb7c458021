"""Thousands of rows at once from a file, and out into one."""
