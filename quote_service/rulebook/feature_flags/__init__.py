"""Feature flags as admins keep them, and as other services ask them."""
