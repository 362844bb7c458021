"""Quotes in PostgreSQL and Redis."""
