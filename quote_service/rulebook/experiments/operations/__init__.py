"""What is done with experiments, one verb a file."""
