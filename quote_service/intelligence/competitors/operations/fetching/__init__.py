"""Fetch sources: politely, within limits, each with a typed outcome."""
