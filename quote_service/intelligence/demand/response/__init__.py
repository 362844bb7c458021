"""How units sold answer to price.

Source: docs/spec/demand.md#response."""
