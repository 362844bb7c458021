"""Competitors in words: who is watched and where, what was found, and which of our products it is."""
