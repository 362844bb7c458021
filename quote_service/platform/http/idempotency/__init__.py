"""A repeat gets the first answer."""
