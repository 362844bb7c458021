"""The tables of the inventory."""
