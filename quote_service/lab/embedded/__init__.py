"""A real PostgreSQL and a real Valkey, from wheels, for `quote-service dev` and for the tests.

Both servers listen on 127.0.0.1 with a random password, keep everything in one data directory and end when the
process that started them ends. Starting and stopping is synchronous. Source: docs/spec/operations.md#development.
"""
