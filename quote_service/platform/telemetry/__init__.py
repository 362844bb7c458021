"""Logs, traces and meters; knows no business word."""
