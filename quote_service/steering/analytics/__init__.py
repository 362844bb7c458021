"""Analytics: what was quoted, sold and earned, counted, rolled up and read."""
