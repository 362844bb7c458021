"""How much will be sold at today's price: what the price does not explain, learnt by trees.

Source: docs/spec/demand.md#baseline."""
