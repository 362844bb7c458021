"""What shoppers do, by product: events of views, searches, carts and purchases.

Source: docs/spec/behaviour.md."""
