"""What is done to stock, one verb a file."""
