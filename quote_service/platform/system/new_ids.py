"""New identifiers, version 7.

Random digits are taken from the operating system in blocks: one system call serves some 400 identifiers. Each worker
process is started afresh, never forked with a filled block, and a fork drops the block all the same.
"""

import os
import time
from typing import Final

from quote_service.platform.system.identifiers import instant_digits

_BLOCK_BYTES: Final = 4000
# What a digit becomes where a UUID says its variant: two of its four bits are random.
_VARIANTS: Final = str.maketrans("0123456789abcdef", "89ab" * 4)


class _RandomDigits:
    """Hexadecimal digits, each handed out once; `variants` are the same digits as a UUID's variant has them."""

    __slots__ = ("digits", "used", "variants")

    def __init__(self) -> None:
        self.digits = ""
        self.variants = ""
        self.used = 0

    def take(self, count: int) -> int:
        """Where the next so many digits begin."""
        if self.used + count > len(self.digits):
            self.digits = os.urandom(_BLOCK_BYTES).hex()
            self.variants = self.digits.translate(_VARIANTS)
            self.used = 0
        start = self.used
        self.used += count
        return start

    def drop(self) -> None:
        """Hand out no more of this block."""
        self.digits = ""


_random: Final = _RandomDigits()
os.register_at_fork(after_in_child=_random.drop)


def random_bits() -> int:
    """74 random bits, as many as a version-7 UUID has room for."""
    start = _random.take(19)
    return int(_random.digits[start : start + 19], 16) >> 2


def new_id(instant_ms: int | None = None) -> str:
    """A fresh version-7 UUID, for now or for the given instant in milliseconds."""
    start = _random.take(19)
    digits = _random.digits
    instant = instant_digits(time.time_ns() // 1_000_000 if instant_ms is None else instant_ms)
    # Put together from digits: to make numbers of them, and digits again, costs three times as much.
    return (
        f"{instant}-7{digits[start : start + 3]}"
        f"-{_random.variants[start + 3]}{digits[start + 4 : start + 7]}-{digits[start + 7 : start + 19]}"
    )
