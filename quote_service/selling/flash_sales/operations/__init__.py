"""What is done in flash sales, one verb a file."""
