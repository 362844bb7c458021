"""Requests to servers of others: to public addresses only."""
