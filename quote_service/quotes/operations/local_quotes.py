"""The first cache tier: answers of this process, found by their request's bytes or by their quote's bits.

Bounded by entries and by bytes. Two generations instead of a list in order of use: what is asked for again moves to the
young one, and when that is full the old one goes as a whole. Every step is O(1), and nothing is timed or swept.

An answer is found by its bytes for one edition of what this process prices by and for one period only, so what was priced by
older rules, by another price or by a sale that is over cannot be found. Where the next edition or period has changed nothing
for it, its bits find it still.

Source: docs/spec/quotes.md#caching.
"""

from typing import Final, Literal

import msgspec

from quote_service.platform.system.quote_form import FORM
from quote_service.quotes.model.quote_cells import QuoteCell

CacheTier = Literal["miss", "local", "redis"]

_ENTRY_OVERHEAD_BYTES: Final = 700  # two dict entries, the struct and the headers of its byte strings, measured


class LocalAnswer(msgspec.Struct, gc=False):
    """An issued quote, ready to be sent again. `head` and `tail` stand before and after the value of `cache`.

    `good_until_us` is the earliest of the quote's end, its period's and that of what is on sale in it; `external_ref` what
    the data echoes; `flags_at` where in the head the value of `feature_flags` stands; `edition` the state of rules, prices
    and sales that it was last held against; `shown` the items of flash sales whose price it shows; `request` what it was
    asked for, in the form that is kept; `told` the warnings about what was sent and does not count; `bodies` the bytes
    that asked, by which it is found again; `cell` where its answers are counted, if they are; `form` the form of the quote.
    """

    quote_id: str
    bits: int
    rulebook_version: int
    issued_at_us: int
    good_until_us: int
    valid_until_us: int
    external_ref: str | None
    head: bytes
    tail: bytes
    flags_at: tuple[int, int]
    request: bytes
    request_warnings: bytes = b""
    bodies: tuple[bytes, ...] = ()
    edition: int = 0
    shown: tuple[int, ...] = ()
    cell: QuoteCell | None = None
    form: int = FORM

    @property
    def size_bytes(self) -> int:
        """What it weighs in the cache."""
        return _size_bytes(self)


class _Generation:
    __slots__ = ("by_bits", "by_body", "size_bytes")

    def __init__(self) -> None:
        self.by_bits: dict[int, LocalAnswer] = {}
        self.by_body: dict[bytes, LocalAnswer] = {}
        self.size_bytes = 0


class LocalQuotes:
    """The answers of this process. `entries_max` or `bytes_max` of 0 keeps nothing."""

    __slots__ = ("_bytes_max", "_entries_max", "_old", "_young")

    def __init__(self, entries_max: int, bytes_max: int) -> None:
        # Two generations stand at once, so each has half of the room.
        self._entries_max = entries_max // 2
        self._bytes_max = bytes_max // 2
        self._young = _Generation()
        self._old = _Generation()

    def __len__(self) -> int:
        return len(self._young.by_bits) + len(self._old.by_bits)

    @property
    def size_bytes(self) -> int:
        """What all answers weigh."""
        return self._young.size_bytes + self._old.size_bytes

    def by_body(self, body: bytes, edition: int, at_us: int) -> LocalAnswer | None:
        """The answer to the very same request, if it is still good."""
        answer = self._young.by_body.get(body)
        if answer is None:
            answer = self._old.by_body.get(body)
            if answer is None:
                return None
            if answer.edition == edition and at_us < answer.good_until_us:
                self.keep(answer)
                return answer
            return None
        return answer if answer.edition == edition and at_us < answer.good_until_us else None

    def by_bits(self, bits: int, at_us: int) -> LocalAnswer | None:
        """The answer with these bits, if its quote has not ended.

        Bits stand for a version, what is in force of it, the prices and what is on sale, so they say enough.
        """
        answer = self._young.by_bits.get(bits) or self._old.by_bits.get(bits)
        return answer if answer is not None and at_us < answer.valid_until_us else None

    def latest(self) -> LocalAnswer | None:
        """One of the answers that were kept last; None where there are none."""
        for answer in reversed(self._young.by_bits.values()):
            return answer
        return None

    def keep(self, answer: LocalAnswer) -> None:
        """Keep an answer, making room where there is none."""
        young = self._young
        size_bytes = _size_bytes(answer)
        if len(young.by_bits) >= self._entries_max or young.size_bytes + size_bytes > self._bytes_max:
            if size_bytes > self._bytes_max or not self._entries_max:
                return
            self._old, self._young = young, _Generation()
            young = self._young
        before = young.by_bits.get(answer.bits)
        if before is not None:
            young.size_bytes -= before.size_bytes
            for body in before.bodies:
                young.by_body.pop(body, None)
        young.by_bits[answer.bits] = answer
        for body in answer.bodies:
            young.by_body[body] = answer
        young.size_bytes += size_bytes

    def forget(self, bits: int) -> None:
        """Keep the answer with these bits no longer."""
        for generation in (self._young, self._old):
            answer = generation.by_bits.pop(bits, None)
            if answer is not None:
                generation.size_bytes -= answer.size_bytes
                for body in answer.bodies:
                    if generation.by_body.get(body) is answer:
                        del generation.by_body[body]

    def clear(self) -> None:
        """Forget everything."""
        self._young, self._old = _Generation(), _Generation()


def _size_bytes(answer: LocalAnswer) -> int:
    size = (
        len(answer.head) + len(answer.tail) + len(answer.request) + len(answer.request_warnings) + _ENTRY_OVERHEAD_BYTES
    )
    for body in answer.bodies:
        size += len(body)
    return size
