"""What the service costs and how it holds up: the benchmark, and load tests that check every answer."""
