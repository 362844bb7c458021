"""The words of the inventory."""
