"""Laws of the first cache tier: its bounds hold, nothing stale is found, and what is asked for often stays.

Source: docs/spec/quotes.md#caching.
"""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from quote_service.quotes.operations.local_quotes import LocalAnswer, LocalQuotes
from tests.pricing.laws import examples

EDITIONS = st.integers(1, 3)
INSTANTS = st.integers(0, 100)
BITS = st.integers(1, 12)


def answer(bits: int, edition: int = 1, until_us: int = 100, *, weight: int = 0, valid_for_us: int = 0) -> LocalAnswer:
    """An answer whose period ends at `until_us`, its quote `valid_for_us` later."""
    return LocalAnswer(
        quote_id=f"quote-{bits}",
        bits=bits,
        rulebook_version=1,
        issued_at_us=0,
        good_until_us=until_us,
        valid_until_us=until_us + valid_for_us,
        external_ref=None,
        head=b"h" * weight,
        tail=b"",
        flags_at=(0, 0),
        request=b"",
        bodies=(b"body %d" % (bits % 5),),  # some quotes share the bytes of their request: of other editions
        edition=edition,
    )


class LocalQuotesLaws(RuleBasedStateMachine):
    """Beside a dict of what was kept last by bits and by body."""

    @initialize(entries_max=st.integers(0, 12), bytes_max=st.integers(0, 12_000))
    def open(self, entries_max: int, bytes_max: int) -> None:
        self.entries_max, self.bytes_max = entries_max, bytes_max
        self.quotes = LocalQuotes(entries_max, bytes_max)

    @rule(
        bits=BITS,
        edition=EDITIONS,
        until_us=INSTANTS,
        weight=st.integers(0, 3000),
        valid_for_us=st.integers(0, 50),
    )
    def keep(self, bits: int, edition: int, until_us: int, weight: int, valid_for_us: int) -> None:
        kept = answer(bits, edition, until_us, weight=weight, valid_for_us=valid_for_us)
        self.quotes.keep(kept)
        has_room = self.entries_max >= 2 and kept.size_bytes <= self.bytes_max // 2
        if has_room:
            assert until_us == 0 or self.quotes.by_body(kept.bodies[0], edition, until_us - 1) is kept
        else:
            assert self.quotes.by_body(kept.bodies[0], edition, 0) is not kept

    @rule(number=st.integers(0, 4), edition=EDITIONS, at_us=INSTANTS)
    def ask_by_body(self, number: int, edition: int, at_us: int) -> None:
        found = self.quotes.by_body(b"body %d" % number, edition, at_us)
        if found is not None:
            assert found.edition == edition, "no answer by other rules, prices or sales"
            assert at_us < found.good_until_us, "no answer of a period that is over"
            assert b"body %d" % number in found.bodies

    @rule(bits=BITS, at_us=INSTANTS)
    def ask_by_bits(self, bits: int, at_us: int) -> None:
        found = self.quotes.by_bits(bits, at_us)
        if found is not None:
            assert found.bits == bits
            assert at_us < found.valid_until_us, "no quote that has ended"

    @rule(bits=BITS)
    def forget(self, bits: int) -> None:
        self.quotes.forget(bits)
        assert self.quotes.by_bits(bits, 0) is None

    @rule()
    def clear(self) -> None:
        self.quotes.clear()
        assert (len(self.quotes), self.quotes.size_bytes) == (0, 0)

    @invariant()
    def bounds_hold(self) -> None:
        assert len(self.quotes) <= self.entries_max
        assert 0 <= self.quotes.size_bytes <= self.bytes_max


LocalQuotesLaws.TestCase.settings = settings(max_examples=examples(150), stateful_step_count=40, deadline=None)
test_laws = LocalQuotesLaws.TestCase


def test_an_answer_is_found_by_its_bits_until_its_quote_ends_and_by_its_body_until_its_era_does() -> None:
    quotes = LocalQuotes(10, 100_000)
    kept = answer(1, until_us=50, valid_for_us=20)
    quotes.keep(kept)
    assert quotes.by_body(kept.bodies[0], 1, 49) is kept
    assert quotes.by_body(kept.bodies[0], 1, 50) is None
    assert quotes.by_body(kept.bodies[0], 2, 49) is None
    assert quotes.by_bits(1, 69) is kept
    assert quotes.by_bits(1, 70) is None


def test_what_is_asked_for_outlives_any_number_of_others() -> None:
    quotes = LocalQuotes(20, 1_000_000)
    asked, left = answer(1001), answer(1002)
    quotes.keep(asked)
    quotes.keep(left)
    for number in range(500):
        quotes.keep(answer(number * 5 + 3))  # with a body of none of the two
        assert quotes.by_body(asked.bodies[0], 1, 0) is asked
        assert len(quotes) <= 20
    assert quotes.by_bits(1002, 0) is None, "nobody asked for it"


@pytest.mark.parametrize(("entries_max", "bytes_max"), [(0, 1_000_000), (1_000, 0), (0, 0)])
def test_no_room_keeps_nothing(entries_max: int, bytes_max: int) -> None:
    quotes = LocalQuotes(entries_max, bytes_max)
    quotes.keep(answer(1))
    assert (len(quotes), quotes.size_bytes) == (0, 0)


def test_an_answer_too_large_does_not_drive_out_the_others() -> None:
    quotes = LocalQuotes(100, 20_000)
    small = answer(1)
    quotes.keep(small)
    quotes.keep(answer(2, weight=50_000))
    assert quotes.by_bits(1, 0) is small
