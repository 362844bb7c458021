"""What is done with pricing rules, one verb a file."""
