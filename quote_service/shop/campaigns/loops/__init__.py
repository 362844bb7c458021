"""What campaigns do in the background."""
