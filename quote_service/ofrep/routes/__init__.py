"""OFREP over HTTP."""
