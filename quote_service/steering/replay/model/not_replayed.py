"""Quotes that could not be priced again as they were, and why.

Source: docs/spec/replay.md#proof.
"""

from typing import Literal

import msgspec

_NOTHING = msgspec.Raw(b"null")

Reason = Literal["request-not-kept", "rulebook-unknown", "rulebook-unreadable", "request-unreadable", "differs"]


class FieldDifference(msgspec.Struct, frozen=True):
    """A field in which what was priced again is not what was issued."""

    pointer: str
    """JSON Pointer to the field of the quote."""
    issued: msgspec.Raw = _NOTHING
    """What was issued; null if there was nothing."""
    replayed: msgspec.Raw = _NOTHING
    """What it is when it is priced again; null if there is nothing."""


class NotReplayed(msgspec.Struct, frozen=True):
    """A quote that is left out of the figures."""

    quote_id: str
    """The quote."""
    reason: Reason
    """Why: `request-not-kept` (accepted by its signature alone, or its customer was erased), `rulebook-unknown` (the database
    was restored from before it), `rulebook-unreadable`, `request-unreadable` (this release does not understand it), or
    `differs` (priced again it is another quote).
    """
    differences: list[FieldDifference] = []
    """Where it differs; at most 5 fields."""
