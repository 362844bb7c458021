"""What is done with change sets, one verb a file."""
