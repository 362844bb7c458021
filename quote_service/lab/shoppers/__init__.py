"""Shoppers who live on the API of a running service: `quote-service simulate-orders`."""
