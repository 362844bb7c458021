"""What is reported and what is kept; pure."""
