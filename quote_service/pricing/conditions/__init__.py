"""When a rule counts, compiled to tests."""
