"""What the rulebook knows of customers."""
