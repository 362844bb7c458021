"""Undo the compression of an answer, within a length: a few bytes can be made of gigabytes.

Source: docs/spec/competitors.md#outcomes.
"""

import zlib
from collections.abc import Mapping

# Either of zlib's two wrappings, whichever it is.
_WITH_HEADER = 47


class Undecodable(ValueError):
    """It is too long, or not what its header says; says which."""


def decode_body(headers: Mapping[str, str], body: bytes, bytes_max: int) -> bytes:
    """The body as it was before it was compressed.

    Raises:
        Undecodable: It cannot be had.
    """
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding in ("identity", ""):
        return body
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise Undecodable(f"it is encoded as {coding[:40]}, which was not asked for")
    unpacking = zlib.decompressobj(_WITH_HEADER)
    try:
        plain = unpacking.decompress(body, bytes_max)
    except zlib.error:
        raise Undecodable(f"it is no {coding}") from None
    if unpacking.unconsumed_tail:
        raise Undecodable(f"it is longer than {bytes_max} bytes")
    return plain
