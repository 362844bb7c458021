"""The head of a request as bytes: found whole and bounded before the parser sees any of it.

The parser keeps every header that comes, however many, and joins the parts of a value again with each segment. So a head
is held here until its blank line, in linear time, and given to the parser in one piece, or refused by its size.

Source: RFC 9112, 2.2 and 3; RFC 9110, 15.5.15 (414); RFC 6585, 5 (431).
"""

import re
from typing import Final

HEAD_BYTES_MAX: Final = 64 * 1024
FIELDS_MAX: Final = 100
REQUEST_LINE_BYTES_MAX: Final = 8 * 1024
COOKIE_BYTES_MAX: Final = 8 * 1024  # of all cookies together

BAD_REQUEST: Final = 400
URI_TOO_LONG: Final = 414
FIELDS_TOO_LARGE: Final = 431

_END: Final = b"\r\n\r\n"
_REQUEST_LINE: Final = re.compile(rb"[A-Z][^ \n]* [^ \n]* HTTP/1\.[01]\r\n")


class RequestRefused(Exception):
    """The bytes are no request that is taken; `status` says why, and the connection ends."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class HeadReader:
    """Puts the pieces of heads together, one head after another."""

    __slots__ = ("_held", "_lines")

    def __init__(self) -> None:
        self._held = bytearray()
        self._lines = 0  # in what is held

    @property
    def is_empty(self) -> bool:
        """Whether no part of a head has come."""
        return not self._held

    def read(self, data: bytes, start: int) -> tuple[bytes | None, int]:
        """Read on in a head.

        Args:
            data: What came.
            start: Where the head begins in it, or goes on.

        Returns:
            The head whole, or None if there is more to come, and where what follows begins. Blank lines in front of it
            are passed over.

        Raises:
            RequestRefused: It is too large, or begins as no request of HTTP/1 does.
        """
        if self._held:
            return self._read_on(data, start)
        if data[start] in b"\r\n":
            start = len(data) - len(data[start:].lstrip(b"\r\n"))
        end = data.find(_END, start)
        if end < 0:
            return self._read_on(data, start)
        head = data[start : end + len(_END)]
        _check(head, head.count(b"\n"))
        return head, end + len(_END)

    def _read_on(self, data: bytes, start: int) -> tuple[bytes | None, int]:
        held = self._held
        before = len(held)
        # One byte more than there may be says that it is too large; none beyond is taken.
        held += data[start : start + HEAD_BYTES_MAX + 1 - before]
        searched = max(0, before - len(_END) + 1)
        end = held.find(_END, searched)
        if end < 0:
            self._lines += held.count(b"\n", before)
            if held:
                _check(held, self._lines)
            return None, len(data)
        size = end + len(_END)
        head = bytes(held[:size])
        lines = self._lines + head.count(b"\n", before)
        held.clear()
        self._lines = 0
        _check(head, lines)
        return head, start + size - before


def _check(head: bytes | bytearray, lines: int) -> None:
    """Refuse a head, or what has come of it."""
    if _REQUEST_LINE.match(head, 0, REQUEST_LINE_BYTES_MAX + 2) is None:
        _check_line(head)
    # Beside the fields there are the request line and the blank one.
    if len(head) > HEAD_BYTES_MAX or lines > FIELDS_MAX + 2:
        raise RequestRefused(FIELDS_TOO_LARGE)


def _check_line(head: bytes | bytearray) -> None:
    """Refuse a request line that is none, unless there may be more of it to come."""
    # What begins with no capital, such as TLS, may never come to a line's end.
    if not 65 <= head[0] <= 90 or head.find(b"\n", 0, REQUEST_LINE_BYTES_MAX + 2) >= 0:
        raise RequestRefused(BAD_REQUEST)
    if len(head) > REQUEST_LINE_BYTES_MAX + 1:
        raise RequestRefused(URI_TOO_LONG)
