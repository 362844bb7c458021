"""Pages of change sets that are more than lists, objects and forms."""
