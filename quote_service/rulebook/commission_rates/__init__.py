"""Commission rates as admins keep them."""
