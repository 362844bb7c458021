"""What can be wrong with the rows of a rulebook."""


class RowUnreadable(ValueError):
    """A stored row is not what this release understands: a newer release wrote it, or somebody did by hand."""
