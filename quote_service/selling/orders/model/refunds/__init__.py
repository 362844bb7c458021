"""Refunds: what one comes to, worked out from an order as it was placed and from what has been refunded of it."""
