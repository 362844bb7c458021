"""Behaviour over HTTP."""
