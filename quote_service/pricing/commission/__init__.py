"""Which commission rates a line pays, what they charge, and who gets what is left."""
