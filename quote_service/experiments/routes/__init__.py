"""The routes of experiments."""
