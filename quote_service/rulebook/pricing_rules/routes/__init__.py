"""Pricing rules over HTTP: admins write versions, compare them and go back to them.

Source: docs/spec/pricing-rules.md#versions.
"""
