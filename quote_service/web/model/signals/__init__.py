"""Signals in words."""
