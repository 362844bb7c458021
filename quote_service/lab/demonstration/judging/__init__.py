"""Which way of pricing earns what, in a market whose demand is known.

Source: docs/spec/demonstration.md#the-judge.
"""
