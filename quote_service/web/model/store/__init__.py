"""What the store's pages work with."""
