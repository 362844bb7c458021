"""The tables of campaigns."""
