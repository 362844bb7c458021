"""Rates, rules and flags, their experiments, and the snapshot of all that a process holds."""
