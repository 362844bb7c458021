"""Pages of price decisions."""
