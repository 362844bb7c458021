"""Price policies, decisions, runs and models as rows."""
