"""The rulebook that a process holds: loaded, kept current, checked."""
