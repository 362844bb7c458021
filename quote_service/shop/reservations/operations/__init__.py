"""What is taken for quotes and given back, one verb a file."""
