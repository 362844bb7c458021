"""Routes whose handler's signature says what they take and give."""
