"""The immutable snapshot of everything that prices, compiled and indexed when it is loaded."""
