"""After the quote: accept, verify, batch, simulate, explain."""
