"""Signals as rows."""
