"""Who gets a feature flag, and what came of it."""
