"""Campaigns: the price by demand, and scenarios."""
