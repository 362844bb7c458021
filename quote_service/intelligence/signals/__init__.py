"""What somebody should look at: prices that jump, wars, surges, low stock, odd prices, sources that fell silent.

Source: docs/spec/signals.md."""
