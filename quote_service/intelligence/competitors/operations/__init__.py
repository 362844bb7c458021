"""What is done with competitors: written, fetched, read, matched, offered to other subjects."""
