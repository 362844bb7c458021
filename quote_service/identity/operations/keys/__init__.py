"""API keys: made, changed, known by what is sent."""
