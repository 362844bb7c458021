"""Rates, rules and flags as one file that people review and keep in Git.

Source: docs/spec/rulebook-files.md.
"""
