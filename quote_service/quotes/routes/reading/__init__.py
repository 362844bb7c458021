"""Requests for quotes, read: baskets and simulations, their faults and what nobody knows in them."""
