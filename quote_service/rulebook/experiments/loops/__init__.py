"""The loops of experiments."""
