"""The bus over HTTP, for admins."""
