"""Undo the compression of an answer, within a length: a few bytes can be made of gigabytes.

Source: docs/spec/competitors.md#outcomes.
"""

import zlib
from collections.abc import Mapping

# Either of zlib's two wrappings, whichever it is.
_WITH_HEADER = 47
GZIP = b"\x1f\x8b"
# Each costs a copy of what is left.
_MEMBERS_MAX = 20


class Undecodable(ValueError):
    """It is too long, or not what its header says; says which."""


def decode_body(headers: Mapping[str, str], body: bytes, bytes_max: int) -> bytes:
    """The body as it was before it was compressed.

    Raises:
        Undecodable: It cannot be had.
    """
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding in ("identity", "") or not body:
        return body
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise Undecodable(f"it is encoded as {coding[:40]}, which was not asked for")
    return unpack(body, bytes_max, coding)


def unpack(body: bytes, bytes_max: int, coding: str) -> bytes:
    """What was packed by gzip, in as many members as there are, or by zlib.

    Raises:
        Undecodable: It is longer than `bytes_max`, breaks off, or is not what it should be.
    """
    plain = bytearray()
    for _ in range(_MEMBERS_MAX):
        unpacking = zlib.decompressobj(_WITH_HEADER)
        try:
            plain += unpacking.decompress(body, bytes_max - len(plain) + 1)
        except zlib.error:
            raise Undecodable(f"it is no {coding}") from None
        if len(plain) > bytes_max:
            raise Undecodable(f"it is longer than {bytes_max} bytes")
        if not unpacking.eof:
            raise Undecodable("it breaks off")
        body = unpacking.unused_data
        if not body.startswith(GZIP):  # padding at its end means nothing
            return bytes(plain)
    raise Undecodable(f"it has more than {_MEMBERS_MAX} parts")
