"""Where the body of a request ends: by its length, or by its chunks.

The parser reads the same bytes and has to come to the same end; where the two differ the request is refused. What is
given to it of one message never reaches into the next, so that each head passes `head_reader.py` first.

Source: RFC 9112, 6 and 7.
"""

import re
from typing import Final

from quote_service.platform.http.protocol.head_reader import (
    BAD_REQUEST,
    FIELDS_MAX,
    FIELDS_TOO_LARGE,
    HEAD_BYTES_MAX,
    RequestRefused,
)

_FRAMING: Final = (b"host", b"content-length", b"transfer-encoding")
_SIZE_LINE: Final = re.compile(rb"([0-9A-Fa-f]{1,16})(;[^\r\n]*)?\r\n")
_END_OF_DATA: Final = 2  # CR LF behind the data of a chunk


def length_of_body(headers: list[tuple[bytes, bytes]], named: dict[bytes, bytes], version: str) -> int | None:
    """How long the body is that a head announces; None where it comes in chunks.

    Args:
        headers: With lower-case names.
        named: The same by name.
        version: `1.1` or `1.0`.

    Raises:
        RequestRefused: It is not said, or can be read in two ways; or not one host is named.
    """
    is_twice = len(named) != len(headers) and _is_any_twice([name for name, _ in headers])
    if is_twice or (b"host" not in named and version != "1.0"):
        raise RequestRefused(BAD_REQUEST)
    length, coding = named.get(b"content-length"), named.get(b"transfer-encoding")
    if coding is not None:
        # No other coding is undone here, and HTTP/1.0 has none: whoever sends it reads its end in another way.
        if length is not None or version == "1.0" or coding.strip(b" \t").lower() != b"chunked":
            raise RequestRefused(BAD_REQUEST)
        return None
    if length is None:
        return 0
    digits = length.strip(b" \t")
    if not digits.isdigit() or len(digits) > 18:
        raise RequestRefused(BAD_REQUEST)
    return int(digits)


def _is_any_twice(names: list[bytes]) -> bool:
    return any(names.count(name) > 1 for name in _FRAMING)


class Chunks:
    """The way through one body in chunks. Extensions, trailers and tiny chunks have together what a head may have."""

    __slots__ = ("_fields", "_left", "_line", "_spent", "is_over")

    def __init__(self) -> None:
        self.is_over = False
        self._left = 0  # of a chunk's data and the end of line behind it
        self._line = bytearray()  # begun and not ended
        self._spent = 0
        self._fields = -1  # of the trailers; below 0 before the last chunk

    def end_of_message(self, data: bytes, start: int) -> int:
        """Where the message ends in what came; the end of that, where it goes on. `is_over` says which.

        Raises:
            RequestRefused: A chunk has no size, or there is too much beside the data.
        """
        at, end = start, len(data)
        while at < end and not self.is_over:
            if self._left:
                step = min(self._left, end - at)
                self._left -= step
                at += step
                continue
            stop = data.find(b"\n", at) + 1 or end
            line = data[at:stop]
            at = stop
            if self._line or not line.endswith(b"\n"):
                self._line += line
                if not line.endswith(b"\n"):
                    self._spend(0, len(self._line))
                    break
                line = bytes(self._line)
                self._line.clear()
            self._take(line)
        return at

    def _take(self, line: bytes) -> None:
        if self._fields >= 0:
            self.is_over = line == b"\r\n"
            self._fields += 1
            self._spend(len(line))
            if self._fields > FIELDS_MAX + 1:
                raise RequestRefused(FIELDS_TOO_LARGE)
            return
        sized = _SIZE_LINE.fullmatch(line)
        if sized is None:
            raise RequestRefused(BAD_REQUEST)
        size = int(sized[1], 16)
        # Each chunk pays for its line with its data; what is left over is what nobody needs.
        self._spend(max(0, len(sized[1]) + 4 - size) + len(sized[2] or b""))
        if size:
            self._left = size + _END_OF_DATA
        else:
            self._fields = 0

    def _spend(self, count: int, held: int = 0) -> None:
        self._spent += count
        if self._spent + held > HEAD_BYTES_MAX:
            raise RequestRefused(FIELDS_TOO_LARGE)
