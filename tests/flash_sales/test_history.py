"""The checker of histories finds what it is there to find.

Source: docs/spec/flash-sales.md#invariants.
"""

from __future__ import annotations

import pytest

from tests.flash_sales.history import Kept, Seen, check_history, check_liveness, check_sold_out

ANSWER = Seen("c1", "k1", "confirmed", "p1", 1, 100)
RECORD = Kept("p1", "c1", "k1", "confirmed", 1, 100)


def broken(seen: list[Seen], kept: list[Kept], recoveries: int = 1) -> list[str]:
    found = check_history(seen, kept, allocated=2, limit=1, price_minor=100, recoveries=recoveries)
    return [line.partition(":")[0] for line in found.violations]


def test_a_true_history_passes() -> None:
    refused, unknown = Seen("c2", "k1", "refused"), Seen("c3", "k1", "unknown")
    found = check_history([ANSWER, refused, unknown], [RECORD], allocated=1, limit=1, price_minor=100, recoveries=0)
    assert (found.violations, found.lost) == ([], 0)


def test_an_unknown_outcome_may_have_happened() -> None:
    assert broken([Seen("c1", "k1", "unknown")], [RECORD]) == []


def test_a_lost_reservation_is_counted_and_breaks_nothing() -> None:
    reported = [Seen("c1", "k1", "reserved", "p9", 1, 100)]
    found = check_history(reported, [], allocated=1, limit=1, recoveries=1)
    assert (found.violations, found.lost) == ([], 1)
    assert broken(reported, [], recoveries=0) == ["I13"]


def test_a_key_may_buy_anew_once_its_first_purchase_is_lost_or_rejected() -> None:
    reported = [
        Seen("c1", "k1", "reserved", "p0", 1, 100, ended=1),
        Seen("c1", "k1", "confirmed", "p1", 1, 100, ended=2),
    ]
    assert broken(reported, [RECORD]) == []
    assert broken(reported, [RECORD, Kept("p0", "c1", None, "rejected", 1, 100)]) == []


@pytest.mark.parametrize(
    ("kept", "invariant"),
    [
        ([RECORD, Kept("p2", "c2", "k1", "confirmed", 2, 100)], "I1"),
        ([RECORD, Kept("p2", "c1", "k2", "reserved", 1, 100)], "I2"),
        ([RECORD, Kept("p2", "c1", "k1", "expired", 1, 100)], "I3"),
        ([], "I4"),
        ([Kept("p1", "c1", "k1", "rejected", 1, 100)], "I4"),
        ([Kept("p1", "c1", "k1", "confirmed", 1, 99)], "I4"),
        ([Kept("p1", "c1", "k1", "confirmed", 2, 100)], "I4"),
        ([RECORD, Kept("p2", "c9", "k1", "confirmed", 1, 100)], "I5"),
        ([RECORD, Kept("p2", "c2", "k2", "reserved", 1, 100)], "I5"),
        ([RECORD, Kept("p2", "c2", "k1", "expired", 2, 100)], "I5"),
        ([RECORD, Kept("p2", "c9", None, "rejected", 1, 100)], "I5"),
        ([RECORD, Kept("p2", "c2", "k1", "expired", 1, 101)], "I9"),
    ],
)
def test_what_is_wrong_is_found(kept: list[Kept], invariant: str) -> None:
    asked = [ANSWER, Seen("c1", "k2", "unknown"), Seen("c2", "k1", "unknown", quantity=1)]
    assert invariant in broken(asked, kept)


@pytest.mark.parametrize("outcome", ["rejected", "cancelled", "expired"])
def test_what_was_decided_stays_so(outcome: str) -> None:
    reported = Seen("c1", "k1", outcome, "p1", 1, 100)
    assert "I4" in broken([reported], [RECORD])
    assert broken([reported], [Kept("p1", "c1", "k1", outcome, 1, 100)]) == []


def test_one_key_is_never_reported_of_two_purchases() -> None:
    reported = [ANSWER, Seen("c1", "k1", "reserved", "p2", 1, 100)]
    assert broken(reported, [RECORD, Kept("p2", "c1", None, "expired", 1, 100)]) == ["I3"]


def test_who_bought_is_not_reported_last_that_it_is_rejected() -> None:
    late = Seen("c1", "k1", "rejected", "p2", 1, 100, ended=2)
    kept = [RECORD, Kept("p2", "c1", None, "rejected", 1, 100)]
    assert broken([late], kept) == ["I3"]
    assert broken([late, Seen("c1", "k1", "confirmed", "p1", 1, 100, ended=3)], kept) == []


def test_who_was_refused_has_not_bought() -> None:
    refused = Seen("c1", "k1", "refused", reason="limit-reached", ended=2)
    assert broken([Seen("c1", "k1", "unknown", ended=1), refused], [RECORD], recoveries=0) == ["I3"]
    assert broken([Seen("c1", "k1", "unknown", ended=1), refused], [], recoveries=0) == []
    # A refusal goes with what Redis loses, which a recovery reports.
    assert broken([refused], [RECORD], recoveries=1) == []
    assert (
        broken([ANSWER, Seen("c1", "k1", "refused", reason="purchase-decided", ended=2)], [RECORD], recoveries=0) == []
    )
    assert broken([refused, Seen("c1", "k1", "confirmed", "p1", 1, 100, ended=3)], [RECORD], recoveries=0) == []


def test_with_enough_buyers_all_is_sold_and_nobody_refused_too_early() -> None:
    def refused(ended: float, quantity: int = 1) -> Seen:
        return Seen("c3", "k1", "refused", quantity=quantity, reason="sold-out", began=0, ended=ended)

    first, second = RECORD, Kept("p2", "c2", "k1", "confirmed", 1, 100)
    seen = [Seen("c1", "k1", "confirmed", "p1", 1, 100, began=1), Seen("c2", "k1", "unknown", began=2, ended=9)]
    assert check_sold_out([*seen, refused(2.5)], [first, second], allocated=2) == []
    assert check_sold_out([*seen, refused(1.5, quantity=2)], [first, second], allocated=2) == []
    [early] = check_sold_out([*seen, refused(1.5)], [first, second], allocated=2)
    assert early == "I11: k1 was refused with at most 1 of 2 units taken"
    [unsold] = check_sold_out(seen, [first], allocated=2)
    assert unsold == "I11: 1 units of 2 are sold"


def test_after_a_fault_it_sells_again_soon() -> None:
    assert check_liveness([1.0, 4.0], [0.5, 2.0, 5.0], within_seconds=1.0) == []
    assert len(check_liveness([1.0, 4.0], [0.5, 3.9, 5.1], within_seconds=1.0)) == 2
    assert check_liveness([], [], within_seconds=1.0) == []
