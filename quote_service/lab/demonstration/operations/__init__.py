"""The market put into a database, through the operations of the subjects it belongs to, and taken out again.

Source: docs/spec/demonstration.md#what-it-leaves.
"""
