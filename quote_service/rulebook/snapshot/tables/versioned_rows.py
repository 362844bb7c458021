"""What queries of the rulebook have in common: the columns that rows are read as, and rows of all versions.

Source: docs/spec/replay.md#the-rulebook-of-then.
"""

from quote_service.platform.postgres.queries import load_queries

VERSIONED_ROWS = load_queries(__file__, "versioned_rows")
