"""What is seeded: pure, each row told by the seed and its number alone."""
