"""The quote playground: a basket in, its price out, and why."""
