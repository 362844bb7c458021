"""What a process opens before it works, and closes in the opposite order after it. Each kind of process has a file."""
