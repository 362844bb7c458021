"""A shop in memory that is driven by commands, one a line: products, orders, campaigns, and time that is told to pass."""
