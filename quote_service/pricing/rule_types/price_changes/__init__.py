"""What the types of price rules have in common."""
