"""Pricing rules as admins keep them, in versions."""
