"""What is done with commission rates, one verb a file."""
