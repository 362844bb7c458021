"""Feature flags in PostgreSQL."""
