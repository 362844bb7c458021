"""Work of access in the background."""
