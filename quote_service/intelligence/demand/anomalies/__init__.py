"""Prices that are more likely an error than a price.

Source: docs/spec/demand.md#odd-prices."""
