"""What is done with the catalog, one verb a file."""
