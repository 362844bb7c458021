"""What runs in the background: learning and deciding."""
