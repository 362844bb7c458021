"""Loops around flows."""
