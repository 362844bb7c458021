"""How a scenario's lines are read: ends of lines, encodings, lengths, characters that do not print.

Source: docs/spec/campaigns.md#scenario-files; docs/spec/campaigns.md#bad-lines.
"""

import io

import pytest

from quote_service.shop.campaigns.scenario.run_scenario import LINE_BYTES_MAX, BadLine, run_scenario
from quote_service.shop.campaigns.scenario.shop import Shop
from tests.campaigns.played import play

CREATE = b"create_product P1 100 5"
CREATED = "Product created; code P1, price 100, stock 5"
INFO = "Product P1 info; price 100, stock 5"


@pytest.mark.parametrize(
    "scenario",
    [
        CREATE + b"\nget_product_info P1\n",
        CREATE + b"\nget_product_info P1",
        CREATE + b"\r\nget_product_info P1\r\n",
        CREATE + b"\r\nget_product_info P1\n",
        b"\xef\xbb\xbf" + CREATE + b"\nget_product_info P1\n",
        b"\xef\xbb\xbf\r\n" + CREATE + b"\n\n \t \n# \xff\x00 anything\n\t#\nget_product_info P1",
        b"\t create_product\tP1  100 \t5 \t\n get_product_info P1 ",
    ],
)
def test_lines_end_and_are_spaced_as_they_like(scenario: bytes) -> None:
    played = play(scenario)
    assert played.out == [CREATED, INFO]
    assert not played.bad


@pytest.mark.parametrize(
    ("line", "detail"),
    [
        (b"create_product \xff 1 1", "the line is not UTF-8"),
        (b"create_product \xed\xa0\x80 1 1", "the line is not UTF-8"),  # half of a pair of UTF-16
        (b"\xef\xbb\xbfcreate_product P2 1 1", "the line has a character that cannot be printed, U+FEFF"),
        (b"create_product P\x00 1 1", "the line has a character that cannot be printed, U+0000"),
        (b"create_product \x1b[31mP 1 1", "the line has a character that cannot be printed, U+001B"),
        (b"create_product P\r 1 1", "the line has a character that cannot be printed, U+000D"),
        (b"create_product P\r\r", "the line has a character that cannot be printed, U+000D"),
        ("create_product P\u00a01 1".encode(), "the line has a character that cannot be printed, U+00A0"),
        ("create_product P\u202e 1 1".encode(), "the line has a character that cannot be printed, U+202E"),
        ("create_product P\u2028 1 1".encode(), "the line has a character that cannot be printed, U+2028"),
    ],
)
def test_what_cannot_be_read_is_reported_and_the_rest_runs(line: bytes, detail: str) -> None:
    played = play(CREATE + b"\n" + line + b"\nget_product_info P1\n")
    assert played.out == [CREATED, INFO]
    assert played.bad == {2: detail}


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_line_may_have_so_many_bytes_and_no_more(mark: bytes, end: bytes) -> None:
    longest = CREATE.ljust(LINE_BYTES_MAX)
    assert play(mark + longest + end).out == [CREATED]
    for longer in (1, 2, 3, 4, 5, LINE_BYTES_MAX, 1 << 16):
        played = play(mark + longest + b" " * longer + (end and end + CREATE))
        assert played.bad == {1: f"the line is longer than {LINE_BYTES_MAX} bytes"}
        assert played.out == ([CREATED] if end else [])


class _Endless(io.RawIOBase):
    """A line of so many bytes, which are never all there at once."""

    def __init__(self, length: int, rest: bytes) -> None:
        self._left = length
        self._rest = io.BytesIO(rest)
        self.most_at_once = 0

    def readable(self) -> bool:
        return True

    def readline(self, size: int | None = -1, /) -> bytes:
        if not self._left:
            return self._rest.readline(-1 if size is None else size)
        asked = self._left if size is None or size < 0 else min(size, self._left)
        self.most_at_once = max(self.most_at_once, asked)
        self._left -= asked
        return b"x" * asked


def test_a_line_of_a_hundred_megabytes_is_never_held() -> None:
    source = _Endless(100_000_000, b"\n" + CREATE + b"\n")
    found = list(run_scenario(Shop(), source))  # type: ignore[arg-type]
    assert found[0] == (1, BadLine(f"the line is longer than {LINE_BYTES_MAX} bytes"))
    assert [number for number, _ in found] == [1, 2]
    assert not isinstance(found[1][1], BadLine)
    assert source.most_at_once <= 1 << 16


@pytest.mark.parametrize("scenario", [b"", b"\n", b"\xef\xbb\xbf", b"# nothing", b"\r\n\r\n"])
def test_nothing_is_a_scenario(scenario: bytes) -> None:
    played = play(scenario)
    assert not played.out
    assert not played.bad
