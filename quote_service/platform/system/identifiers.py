"""Identifiers: UUIDs as canonical lower-case text, new ones of version 7 so that they sort by time.

Source: docs/spec/wire.md#identifiers; RFC 9562.
"""

import re
from collections.abc import Sequence
from typing import Final
from uuid import UUID

_UUID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
# One digit more than what follows the instant, so that no zero is lost; then the version, and the variant.
_AFTER_INSTANT: Final = 1 << 80 | 0x7 << 76 | 0x2 << 62
_TWELVE_DIGITS: Final = 1 << 48  # one digit more, here too
_LOW_BITS: Final = (1 << 62) - 1
_HEX_DIGITS: Final = b"0123456789abcdef"
_hex: Final = hex


def uuid7(instant_ms: int, random_74: int) -> str:
    """The version-7 UUID of an instant in milliseconds and 74 random bits."""
    after = _hex(_AFTER_INSTANT | (random_74 >> 62 & 0xFFF) << 64 | random_74 & _LOW_BITS)
    return f"{instant_digits(instant_ms)}-{after[3:7]}-{after[7:11]}-{after[11:]}"


class _LastInstant:
    """The instant that was asked for last, and its digits: a busy millisecond has many identifiers."""

    __slots__ = ("digits", "millis")

    def __init__(self) -> None:
        self.millis = -1
        self.digits = ""


_last: Final = _LastInstant()


def instant_digits(instant_ms: int) -> str:
    """How a version-7 UUID of an instant begins: `0199a1b2-c3d4`."""
    if instant_ms != _last.millis:
        digits = _hex(_TWELVE_DIGITS | instant_ms & _TWELVE_DIGITS - 1)
        _last.millis, _last.digits = instant_ms, f"{digits[3:11]}-{digits[11:]}"
    return _last.digits


def uuid7_millis(identifier: UUID) -> int | None:
    """The instant in milliseconds that a version-7 UUID carries; None for another version."""
    return identifier.int >> 80 if identifier.version == 7 else None


def uuid7_bits(identifier: UUID) -> int:
    """The 74 bits of a version-7 UUID that are neither its time nor its version: the `random_74` it was made of."""
    return (identifier.int >> 64 & 0xFFF) << 62 | identifier.int & 0x3FFF_FFFF_FFFF_FFFF


def all_canonical(identifiers: Sequence[str]) -> bool:
    """Whether each is a UUID in canonical lower-case form (8-4-4-4-12).

    One pass over the joined text instead of one parse each: a basket of 50 lines carries some 150 of them.
    """
    if not identifiers:
        return True
    count = len(identifiers)
    try:
        joined = ",".join(identifiers).encode("ascii")
    except UnicodeEncodeError:
        return False
    # Nothing but digits, dashes and commas; with the length, and the marks where they belong, that is all there is to it.
    if len(joined) != 37 * count - 1 or joined.translate(None, _HEX_DIGITS) != b"----," * (count - 1) + b"----":
        return False
    dashes = b"-" * count
    return (
        joined[8::37] == dashes
        and joined[13::37] == dashes
        and joined[18::37] == dashes
        and joined[23::37] == dashes
        and joined[36::37] == b"," * (count - 1)
    )


def canonical(identifier: str) -> str | None:
    """The canonical form of one UUID written with or without dashes, in either case; None if it is none."""
    # UUID() reads its digits with int(), which takes signs, blanks, `_` and the digits of every script as well.
    return str(UUID(identifier)) if _UUID.fullmatch(identifier) else None
