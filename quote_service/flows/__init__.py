"""The order of work, one verb a file: each calls the engine and the stores directly."""
