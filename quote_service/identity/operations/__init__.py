"""What is done about access, one verb a file."""
