"""Price decisions in words."""
