"""Requests answered straight from uvicorn's own protocol."""
