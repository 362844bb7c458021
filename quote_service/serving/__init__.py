"""Processes that serve: the command line, and what starts and ends with a process."""
