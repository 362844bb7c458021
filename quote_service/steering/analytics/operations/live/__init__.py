"""What goes on now, read once for all who look."""
