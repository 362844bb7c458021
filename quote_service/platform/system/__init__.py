"""The clock and new identifiers: what a pure function must be handed."""
