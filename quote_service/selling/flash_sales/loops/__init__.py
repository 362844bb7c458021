"""Work of flash sales in the background."""
