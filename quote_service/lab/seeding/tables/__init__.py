"""How seeded rows get into their tables."""
