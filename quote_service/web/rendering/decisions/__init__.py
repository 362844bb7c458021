"""Drawings of price decisions: bounds, outcomes, elasticities."""
