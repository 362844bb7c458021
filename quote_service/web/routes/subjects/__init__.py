"""The subjects of the admin: lists, objects, forms, and what is done to an object."""
