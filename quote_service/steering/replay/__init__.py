"""Replay: what a change would have done to quotes that were accepted."""
