"""What webhooks do in the background."""
