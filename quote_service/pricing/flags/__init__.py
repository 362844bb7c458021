"""Feature flags, compiled: an evaluation does no I/O and reads no clock."""
