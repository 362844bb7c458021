"""A quote as it is kept until it ends: its bytes as issued, and what it takes to explain it.

Source: docs/spec/quotes.md#caching.
"""

import msgspec


class KeptQuote(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`data` is the answer's `data` as it was issued; `request` what it was asked for (`quotes/model/kept_request.py`).

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


class _Echo(msgspec.Struct):
    external_ref: str | None


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(KeptQuote)
_echo_decoder = msgspec.json.Decoder(_Echo)


def pack_quote(quote: KeptQuote) -> bytes:
    """The bytes that are stored. Every release finds the data where the first one kept it, and reads no more than it knows."""
    return _encoder.encode(quote if quote.earlier is None else _swapped(quote))


def echoed_reference(data: bytes) -> str | None:
    """The `external_ref` that the data of a quote echoes."""
    return _echo_decoder.decode(data).external_ref


def unpack_quote(packed: bytes) -> KeptQuote:
    """Read stored bytes.

    Raises:
        msgspec.MsgspecError: They are no kept quote.
    """
    quote = _decoder.decode(packed)
    return quote if quote.earlier is None else _swapped(quote)


def _swapped(quote: KeptQuote) -> KeptQuote:
    data = quote.earlier
    assert data is not None
    return msgspec.structs.replace(quote, data=data, earlier=quote.data)
