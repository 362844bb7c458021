"""The checker of histories finds what it is there to find."""

from __future__ import annotations

import pytest

from tests.flash_sales.history import Kept, Seen, check_history

ANSWER = Seen("c1", "k1", "confirmed", "p1", 1, 100)
RECORD = Kept("p1", "c1", "k1", "confirmed", 1, 100)


def broken(seen: list[Seen], kept: list[Kept]) -> list[str]:
    return [line[:2] for line in check_history(seen, kept, allocated=2, limit=1).violations]


def test_a_true_history_passes() -> None:
    refused, unknown = Seen("c2", "k1", "refused"), Seen("c3", "k1", "unknown")
    found = check_history([ANSWER, refused, unknown], [RECORD], allocated=1, limit=1)
    assert (found.violations, found.lost) == ([], 0)


def test_an_unknown_outcome_may_have_happened() -> None:
    assert broken([Seen("c1", "k1", "unknown")], [RECORD]) == []


def test_a_lost_reservation_is_counted_and_breaks_nothing() -> None:
    found = check_history([Seen("c1", "k1", "reserved", "p9", 1, 100)], [], allocated=1, limit=1)
    assert (found.violations, found.lost) == ([], 1)


@pytest.mark.parametrize(
    ("kept", "invariant"),
    [
        ([RECORD, Kept("p2", "c2", "k1", "confirmed", 2, 100)], "I1"),
        ([RECORD, Kept("p2", "c1", "k2", "reserved", 1, 100)], "I2"),
        ([RECORD, Kept("p2", "c1", "k1", "expired", 1, 100)], "I3"),
        ([], "I4"),
        ([Kept("p1", "c1", "k1", "rejected", 1, 100)], "I4"),
        ([Kept("p1", "c1", "k1", "confirmed", 1, 99)], "I4"),
        ([RECORD, Kept("p2", "c9", "k1", "confirmed", 1, 100)], "I5"),
    ],
)
def test_what_is_wrong_is_found(kept: list[Kept], invariant: str) -> None:
    asked = [ANSWER, Seen("c1", "k2", "unknown"), Seen("c2", "k1", "unknown")]
    assert invariant in broken(asked, kept)
