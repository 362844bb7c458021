"""A quote as it is kept until it ends: its bytes as issued, and what it takes to explain it.

Source: docs/spec/quotes.md#caching.
"""

import msgspec


class KeptQuote(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`data` is the answer's `data` as it was issued; `request` what it was asked for (`quotes/model/kept_bytes.py`).

    `rulebook_version` and `issued_at_us` say what it was priced with, `valid_until_us` when it ends (microseconds). `form`
    is the form of the data, which the first release did not say. While processes of the release before still serve, `earlier`
    is the quote in the form that they know, under a signature of its own.
    """

    quote_id: str
    rulebook_version: int
    issued_at_us: int
    valid_until_us: int
    data: bytes
    request: bytes
    form: int = 1
    earlier: bytes | None = None


class KeptFloors(msgspec.Struct):
    """What the lines of a kept request were held at; here because msgspec needs annotations that compiled classes do not have."""

    floors_minor: list[int] | None = None


class KeptEcho(msgspec.Struct):
    """The reference that the data of a quote echoes; here for the same reason."""

    external_ref: str | None
