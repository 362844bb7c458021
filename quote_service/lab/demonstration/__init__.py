"""A simulated market, and what it leaves in a database: for looking at price intelligence, and for judging it.

Source: docs/spec/demonstration.md.
"""
