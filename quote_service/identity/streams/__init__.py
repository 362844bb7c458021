"""Answers that go on: events as they happen."""
