"""A flash sale while it runs, and how it went."""
