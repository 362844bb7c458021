"""What shoppers do with products: reported, told on the event bus, and summed up by product and hour. Of no person."""
