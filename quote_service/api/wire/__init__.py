"""Bytes to words and words to bytes, decode and encode side by side."""
