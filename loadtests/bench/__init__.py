"""`python -m loadtests.bench`: CPU time, latency and memory of quotes, beside a Go peer and a server that does nothing."""
