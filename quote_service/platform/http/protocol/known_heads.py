"""How the requests of a kept connection begin, so that a head that came before need not be parsed again.

Source: `docs/decisions/hot-protocol.md`.
"""

import re
from typing import Final, NamedTuple

from quote_service.platform.http.protocol.request_heads import RequestHead

# How often a connection's head is learnt: with a client whose heads all differ it is not worth the while.
LESSONS_MAX: Final = 3
_HEAD_BYTES_MAX: Final = 2048
_LENGTH_DIGITS_MAX: Final = 9
_CONTENT_LENGTH: Final = re.compile(rb"\r\ncontent-length: ?([0-9]{1,9})\r\n", re.IGNORECASE)


class KnownHead(NamedTuple):
    """A head that has been parsed: all its bytes but the digits of `content-length`, and what it says."""

    before: bytes
    after: bytes
    head: RequestHead


def learn_head(data: bytes, body: bytes, head: RequestHead) -> KnownHead | None:
    """The head of a request, if these bytes are that request whole and nothing else."""
    cut = data.find(b"\r\n\r\n") + 4
    if cut > _HEAD_BYTES_MAX or data[cut:] != body:
        return None
    length = _CONTENT_LENGTH.search(data, 0, cut)
    return None if length is None else KnownHead(data[: length.start(1)], data[length.end(1) : cut], head)


def known_body(known: KnownHead, data: bytes) -> bytes | None:
    """The body, if these bytes are one whole request with this head and nothing else."""
    if not data.startswith(known.before):
        return None
    start = len(known.before)
    end = data.find(b"\r", start)
    digits = data[start:end]
    if not (digits.isdigit() and data.startswith(known.after, end)) or len(digits) > _LENGTH_DIGITS_MAX:
        return None
    body = data[end + len(known.after) :]
    return body if int(digits) == len(body) else None
