"""Signals in words: what is told of them, from which figure on, and the functions that find them."""
