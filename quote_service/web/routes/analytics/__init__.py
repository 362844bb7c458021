"""The figures of the analytics as pages."""
