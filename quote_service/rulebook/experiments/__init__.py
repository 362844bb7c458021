"""Experiments: who was shown what, what came of it, and what is taken back when it hurts."""
