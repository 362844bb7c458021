"""Events, and what a bus is; pure."""
