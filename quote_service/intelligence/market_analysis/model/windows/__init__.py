"""Windows of event time: what is counted in them, and when they are closed."""
