"""Sales as administrators make, change and read them."""
