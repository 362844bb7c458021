"""The store: `/store`."""
