"""The file, and how it differs from what is in force."""
