"""The loops that keep a process up to date."""
