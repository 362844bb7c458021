"""The form in which quotes are issued: one more with each release that adds members or steps to it.

Form 1 is that of a8eb717. What came later is marked in the declaration (`Since` in `pricing/figure.py`).

Source: docs/spec/quotes.md#forms.
"""

from collections.abc import Collection
from typing import Final

FORM: Final = 2

#: The migration that came with each form: a database that has it was served by a release that issues quotes in it.
_CAME_WITH: Final = {2: "0060_catalog.sql"}


def form_of_release(migrations: Collection[str]) -> int:
    """The form in which the release issues quotes whose migrations these are."""
    return max([form for form, name in _CAME_WITH.items() if name in migrations], default=1)
