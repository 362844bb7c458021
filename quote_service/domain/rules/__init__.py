"""Pricing rules as admins write them."""
