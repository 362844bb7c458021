"""JSON documents, exactly: no number becomes a float, every fault has a pointer. Pure."""
