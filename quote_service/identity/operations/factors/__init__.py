"""The second factor of people who log in."""
