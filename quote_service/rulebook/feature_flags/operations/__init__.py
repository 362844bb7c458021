"""What is done with feature flags, one verb a file."""
