"""Tell, publish, consume, put aside."""
