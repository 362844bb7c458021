"""Commission rates in PostgreSQL."""
