"""The order in which a database is filled."""
