"""Pages of the event bus."""
