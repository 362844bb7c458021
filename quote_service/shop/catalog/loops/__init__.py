"""What the catalog does by the clock."""
