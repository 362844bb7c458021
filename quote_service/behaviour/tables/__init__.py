"""The sums as rows."""
