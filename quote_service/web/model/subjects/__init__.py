"""The subjects of the admin, each as a table of what is listed, shown and done."""
