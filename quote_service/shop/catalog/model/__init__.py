"""The words of the catalog."""
