"""What has been asked of everybody, and what may be said of it."""
