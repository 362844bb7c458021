"""What reservations need in the background."""
