"""What is no part of the service: development, demonstration data, simulated shoppers and markets. Nothing of the service imports it."""
