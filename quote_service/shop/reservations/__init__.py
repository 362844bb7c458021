"""Reservations: stock, coupon uses and budgets, taken for a quote and given back."""
