"""What reservations are made of."""
