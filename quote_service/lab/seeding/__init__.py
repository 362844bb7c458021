"""A database full of believable data, the same for the same seed: `quote-service seed`."""
