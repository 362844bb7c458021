"""Feature flags over HTTP: admins write and read them, other services ask what they say.

Source: docs/spec/feature-flags.md#evaluation; docs/spec/feature-flags.md#managing-flags.
"""
