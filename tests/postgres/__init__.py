"""Everything that speaks SQL, on a real PostgreSQL."""
