"""`quote-service dev`: everything on one machine, from nothing to a priced basket.

Source: docs/spec/operations.md#development.
"""
