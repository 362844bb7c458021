"""The words of OFREP: what it asks and answers."""
