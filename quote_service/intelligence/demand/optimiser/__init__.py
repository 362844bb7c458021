"""The price that is expected to earn most, among the prices that may be set.

Source: docs/spec/demand.md#optimiser."""
