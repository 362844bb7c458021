"""What access keeps in PostgreSQL and Redis."""
