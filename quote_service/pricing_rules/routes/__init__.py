"""Pricing rules over HTTP: admins write versions, compare them and go back to them.

Source: spec 4, Versions.
"""
