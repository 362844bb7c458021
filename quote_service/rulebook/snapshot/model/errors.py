"""What can be wrong with the rows of a rulebook, or with the queries that read them."""


class RowUnreadable(ValueError):
    """A stored row is not what this release understands: a newer release wrote it, or somebody did by hand."""


class ColumnsDiffer(RuntimeError):
    """A query does not answer with the columns that its reader takes apart: a mistake in the code."""
