"""What sellers are owed, as they are told."""
