"""Flags of other systems as flags here: what can be carried over without moving a customer, and what cannot."""
