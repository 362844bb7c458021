"""What is done with the ledger, one verb a file."""
