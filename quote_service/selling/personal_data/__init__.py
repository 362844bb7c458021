"""What is held about one customer in every room: told as a whole, and erased as a whole."""
