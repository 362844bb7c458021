"""Feature flags over HTTP: admins write and read them, other services ask what they say.

Source: spec 6, Admin and Evaluation.
"""
