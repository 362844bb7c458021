"""Change sets as they are sent, kept and shown; what clashes with them, and the plans that they come to."""
