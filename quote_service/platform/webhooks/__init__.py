"""Webhooks: what happened, told to whoever asked for it."""
