"""Prices proposed or set within bounds, with everything that led to them.

Source: docs/spec/price-decisions.md."""
