"""The words of quotes beyond pricing."""
