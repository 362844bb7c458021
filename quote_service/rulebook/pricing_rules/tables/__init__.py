"""Pricing rules in PostgreSQL."""
