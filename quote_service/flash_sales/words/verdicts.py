"""What can be decided of a request to buy, by name: the same words in Redis and in PostgreSQL.

Source: docs/spec/flash-sales.md#order-of-checks.
"""

from enum import StrEnum


class Verdict(StrEnum):
    """One for each answer of `reserve` in `flash_sales.lua`; PostgreSQL decides by the same, and in the same order."""

    RESERVED = "RESERVED"
    REPLAYED = "REPLAYED"
    MISMATCH = "MISMATCH"
    NOT_LOADED = "NOT_LOADED"
    STALE = "STALE"
    NOT_ACTIVE = "NOT_ACTIVE"
    NOT_STARTED = "NOT_STARTED"
    ENDED = "ENDED"
    PRICE_CHANGED = "PRICE_CHANGED"
    LIMIT = "LIMIT"
    SOLD_OUT = "SOLD_OUT"
    BUSY = "BUSY"


class UnknownVerdict(Exception):
    """An answer that has no name here: a mistake of ours, or another's functions under our name.

    It is not known whether units were taken, so it is answered as an error and never as a refusal.
    """
