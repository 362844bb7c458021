"""What is declared once, and everything that follows from it."""
