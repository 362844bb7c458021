"""Demand: what sales say about prices."""
