"""What figures say, worked out exactly."""
