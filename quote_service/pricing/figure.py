"""Where the figure of an answer's member comes from: markers that the declaration sets into its types.

A member without one is read from the attribute of its own name; an amount from that name with `_minor`, a unit price with
`_micro`, so that units stand in what is worked out and not in what is sent.
"""

from typing import Any, Literal, get_args

import msgspec


class Figure(msgspec.Struct, frozen=True):
    """`path` leads from what the struct is made of (`holder`), from the whole `quote`, or is told when it is issued.

    `once`: it is the same for every quote that shows this row of the rulebook, so its text is kept with the row, which the
    first name of the path leads to.
    """

    path: str
    start: Literal["holder", "quote", "issue"] = "holder"
    once: bool = False


# A text in which there is never anything to escape: a name of ours.
PLAIN = "plain"
# A list that is left out where nothing is in it.
NOT_EMPTY = "not empty"
# A list that is left out unless the request asks for it, and then is there for everybody, empty or not.
ASKED_FOR = "asked for"


def of(path: str) -> Figure:
    """An attribute of what the struct is made of, or one further on; "" is that itself."""
    return Figure(path)


def once(path: str) -> Figure:
    """The same, of a row of the rulebook that many quotes show."""
    return Figure(path, once=True)


def of_quote(path: str) -> Figure:
    """An attribute of the quote, wherever the struct stands."""
    return Figure(path, "quote")


def of_issue(name: str) -> Figure:
    """What a quote gets when it is issued, and pricing does not know."""
    return Figure(name, "issue")


class Since(msgspec.Struct, frozen=True):
    """The member came with this form of the quote (`platform/system/quote_form.py`): a quote of an earlier form is read without it."""

    form: int


def form_of(hint: Any) -> int:
    """The form of the quote that a member came with, by its declared type."""
    reported = (each for held in (hint, *get_args(hint)) for each in getattr(held, "__metadata__", ()))
    return next((each.form for each in reported if isinstance(each, Since)), 1)
