"""The rulebook held, refreshed and checked."""
