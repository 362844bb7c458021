"""How demand answers to price: response, baseline, the best price within bounds. Numbers in, numbers out.

Source: docs/spec/demand.md."""
