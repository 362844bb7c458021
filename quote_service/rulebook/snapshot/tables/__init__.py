"""The rows of the rulebook, of now and of the past."""
