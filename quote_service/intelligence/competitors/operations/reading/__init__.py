"""The process that reads what others publish, and the way to it."""
