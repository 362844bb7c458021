"""Customers: what the shop knows of who buys, so far as prices need it."""
