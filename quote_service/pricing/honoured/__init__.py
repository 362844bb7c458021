"""What would be charged now for what was quoted before, and which change makes the difference."""
