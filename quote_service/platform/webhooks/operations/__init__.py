"""What is done with webhooks, one verb a file."""
