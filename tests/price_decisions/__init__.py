"""Price decisions and their guardrails."""
