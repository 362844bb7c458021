"""Quotes: issued, kept, accepted, verified, explained, simulated."""
