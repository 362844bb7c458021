"""Drawings of the market: prices over time, and where ours stands among others."""
