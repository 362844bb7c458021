"""What Redis holds of an item is kept, rebuilt and compared."""
