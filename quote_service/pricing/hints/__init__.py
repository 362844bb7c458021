"""How near a basket is to a better price: worked out by pricing the basket as it would be."""
