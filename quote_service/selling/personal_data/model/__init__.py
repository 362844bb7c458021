"""The words of personal data."""
