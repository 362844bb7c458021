"""What is sold, to whom, and how much of it is left."""
