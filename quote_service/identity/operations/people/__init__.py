"""Users: made, changed, logged in and out."""
