"""What shoppers do with products."""
