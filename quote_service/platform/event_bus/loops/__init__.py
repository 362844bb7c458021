"""What runs in the background: the relay, consumers, and the sweep."""
