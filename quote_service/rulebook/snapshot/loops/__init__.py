"""The loop that keeps the rulebook current."""
