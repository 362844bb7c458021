"""Feature flags, compiled."""
