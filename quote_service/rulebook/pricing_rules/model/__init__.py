"""The words of pricing rules."""
