"""The tables of reservations, and of what quotes take."""
