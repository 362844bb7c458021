"""The words of flash sales."""
