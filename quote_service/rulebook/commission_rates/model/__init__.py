"""The words of commission rates."""
