"""Flash sales in PostgreSQL, and in the Redis that holds stock."""
