"""What differs between two JSON documents, field by field.

Source: docs/spec/pricing-rules.md#versions; RFC 6901.
"""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

import msgspec

ABSENT = msgspec.UNSET


class FieldChange(msgspec.Struct, frozen=True):
    """One value (by JSON Pointer) before and after; left out on a side where it does not exist."""

    pointer: str
    """JSON Pointer (RFC 6901) to the value."""
    before: Any = ABSENT
    """The value before; left out if there was none."""
    after: Any = ABSENT
    """The value after; left out if there is none."""


def document_changes(before: Any, after: Any, pointer: str = "") -> Iterator[FieldChange]:
    """The places at which two documents differ, in the order of the first. Numbers are equal by value: 10 is 10.00."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys((*before, *after)):
            escaped = name.replace("~", "~0").replace("/", "~1")
            yield from document_changes(before.get(name, ABSENT), after.get(name, ABSENT), f"{pointer}/{escaped}")
    elif isinstance(before, list) and isinstance(after, list):
        for index, (one, other) in enumerate(zip_longest(before, after, fillvalue=ABSENT)):
            yield from document_changes(one, other, f"{pointer}/{index}")
    elif isinstance(before, bool) is not isinstance(after, bool) or before != after:
        yield FieldChange(pointer, before, after)
