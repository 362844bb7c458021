"""What is done to customers, one verb a file."""
