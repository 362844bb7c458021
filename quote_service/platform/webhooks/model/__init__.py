"""The words of webhooks: endpoints, deliveries, signatures. Pure."""
