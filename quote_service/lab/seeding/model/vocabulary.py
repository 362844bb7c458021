"""The pools of words that seeded rows take theirs out of.

Source: docs/spec/seeding.md#what-the-seed-decides.
"""

from typing import NamedTuple


class Vocabulary(NamedTuple):
    """Pools of words; a word may stand in its pool more than once."""

    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    companies: tuple[str, ...]
    brands: tuple[str, ...]
    sentences: tuple[str, ...]
