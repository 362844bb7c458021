"""The kinds of discount: one small module a kind, found by `registry.py`."""
