"""The words of customers."""
