"""Reservations become rows of PostgreSQL."""
