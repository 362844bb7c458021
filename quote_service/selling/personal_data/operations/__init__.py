"""What is done with personal data, one verb a file."""
