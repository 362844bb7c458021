"""What a process says of its own state, to programs and to people."""
