"""Routes that are made from what is declared."""
