"""Change sets and their reviews as rows."""
