"""The bytes of an issued quote in their parts.

Source: docs/spec/quotes.md#caching; docs/spec/quotes.md#signature.
"""

from typing import Final

from quote_service.quotes.answer.plain_flags import plain_flags

MISS: Final = b'"miss"'
_SIGNATURE: Final = b',"signature":'


def split_data(data: bytes) -> tuple[bytes, bytes, tuple[int, int]]:
    """What stands before and after the value of `cache`, and where in the first the value of `feature_flags` stands."""
    # After `cache` come only warnings and the signature, none of which holds a member of that name.
    cut = data.rindex(b',"cache":"miss",') + len(b',"cache":')
    head, tail = data[:cut], data[cut + len(MISS) :]
    start = head.index(b'"feature_flags":') + len(b'"feature_flags":')
    return head, tail, (start, head.rindex(b',"valid_from":'))


def unsigned_tail(tail: bytes) -> bytes:
    """What stands after the value of `cache`, without the signature."""
    return tail[: tail.rindex(_SIGNATURE)]


def signed_bytes(data: bytes) -> bytes:
    """What was signed of the data of an issued quote, whatever members it has.

    Raises:
        ValueError: It is no quote.
    """
    head, tail, (start, end) = split_data(data)
    plain = plain_flags(head[start:end].decode()).encode()
    return b"".join((head[:start], plain, head[end:], MISS, unsigned_tail(tail), b"}"))
