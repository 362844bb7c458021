"""API keys, people, sessions, roles, rate limits, audit."""
