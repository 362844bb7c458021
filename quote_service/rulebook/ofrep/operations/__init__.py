"""What flags answer to OFREP, and when they would answer otherwise."""
