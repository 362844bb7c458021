"""Who a caller is, and what they may do: known to everything that answers requests."""
