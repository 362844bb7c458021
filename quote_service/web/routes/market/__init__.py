"""Pages of price intelligence that are more than lists and forms."""
