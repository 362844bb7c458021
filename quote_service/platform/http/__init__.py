"""HTTP: thin handlers, access, problem documents."""
