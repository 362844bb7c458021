"""Change sets over HTTP."""
