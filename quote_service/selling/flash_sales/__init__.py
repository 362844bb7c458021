"""Flash sales: Redis admits, PostgreSQL decides."""
