"""A whole scenario: its lines one by one, whatever is wrong with some of them.

Source: docs/spec/campaigns.md#scenario-files.
"""

from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from quote_service.shop.campaigns.scenario.commands import run_line
from quote_service.shop.campaigns.scenario.outcomes import Outcome
from quote_service.shop.campaigns.scenario.shop import BadCommand, Shop

LINE_BYTES_MAX = 4096
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SKIP_BYTES = 1 << 16


class BadLine(msgspec.Struct, frozen=True):
    """A line that was not done, and what is wrong with it."""

    detail: str


def run_scenario(shop: Shop, lines: BinaryIO) -> Iterator[tuple[int, Outcome | BadLine]]:
    """Do one line after the other.

    Args:
        shop: What the lines change.
        lines: UTF-8, with or without a byte order mark; lines end with LF or CR LF, the last one with or without.

    Yields:
        The line's number from 1 and what it did. Blank lines and comments are counted, and yield nothing.
    """
    for number, line in enumerate(_read_lines(lines), start=1):
        if line is None:
            yield number, BadLine(f"the line is longer than {LINE_BYTES_MAX} bytes")
            continue
        try:
            outcome = run_line(shop, line)
        except BadCommand as bad:
            yield number, BadLine(str(bad))
        else:
            if outcome is not None:
                yield number, outcome


def _read_lines(lines: BinaryIO) -> Iterator[bytes | None]:
    """Each line without its end; None for one that is too long, which is passed over and never held."""
    is_first = True
    while line := lines.readline(LINE_BYTES_MAX + len(_BYTE_ORDER_MARK) + 2):
        if is_first:
            line, is_first = line.removeprefix(_BYTE_ORDER_MARK), False
        if line.endswith(b"\n"):
            line = line[:-2] if line.endswith(b"\r\n") else line[:-1]
        elif len(line) > LINE_BYTES_MAX:
            while (rest := lines.readline(_SKIP_BYTES)) and not rest.endswith(b"\n"):
                pass
        yield line if len(line) <= LINE_BYTES_MAX else None
