"""What is on sale, as quotes see it."""
