"""What is done with quotes, one verb a file."""
