"""How the store draws what it shows."""
