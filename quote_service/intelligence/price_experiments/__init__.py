"""Experiments on prices: by clusters of products and by stretches of time, never by visitor; and what decisions were worth."""
