"""A check ends when its work is used up: what it found until then stands, and it says that there may be more."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from quote_service.pricing.check.check_rulebook import Report, check_rulebook
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.pricing.rulebook.stored import StoredRule
from quote_service.rulebook.snapshot.operations.check_rulebook import check_whole
from tests.pricing.check.rulebooks import NOW_US, book, rate, rule


def odd_rulebook(rules: int) -> Rulebook:
    """Ties, cliffs and rows that never win, of as many rules."""
    rows: list[StoredRule] = []
    for place in range(rules):
        fields: dict[str, Any] = {"currency": "TRY", "conditions": {"min_subtotal": 10, "max_subtotal": 200 + place}}
        rows.append(rule(f"p{place}", "PROMOTION", {"kind": "percent", "value": 5 + place}, **fields))
        rows.append(rule(f"d{place}", "DELIVERY_FEE", {"base_fee": 10 + place}, **fields))
    return book(*rows, *(rate(10 + place, priority=place) for place in range(5)))


def checked(rulebook: Rulebook, seconds_max: float) -> Report:
    """The report where each look at the clock costs a second."""
    ticks = count()
    return check_rulebook(rulebook, NOW_US, pace=lambda: float(next(ticks)), seconds_max=seconds_max)


def shown(report: Report) -> list[tuple[str, str]]:
    return [(each.code, each.why) for each in report.findings]


@pytest.mark.parametrize("seconds_max", [0, 5, 20, 60])
def test_what_was_found_in_time_is_reported(seconds_max: float) -> None:
    rulebook = odd_rulebook(6)
    whole, part = check_rulebook(rulebook, NOW_US), checked(rulebook, seconds_max)
    assert whole.is_complete
    assert not part.is_complete
    assert len(part.findings) < len(whole.findings)
    assert set(shown(part)) <= set(shown(whole))


def test_with_time_enough_nothing_is_left_out() -> None:
    rulebook = odd_rulebook(6)
    whole, timed = check_rulebook(rulebook, NOW_US), checked(rulebook, 1e9)
    assert (shown(timed), timed.is_complete) == (shown(whole), True)


def test_no_check_leaves_nothing_to_those_after_it() -> None:
    """What never wins is looked for first, cliffs last, and of either there is more than there is time for."""
    codes = {each.code for each in checked(odd_rulebook(20), 200).findings}
    assert codes >= {"rule-never-chosen", "rate-never-taken", "price-cliff"}


async def test_beside_the_event_loop_it_finds_the_same() -> None:
    rulebook = odd_rulebook(3)
    assert shown(await check_whole(rulebook, NOW_US)) == shown(check_rulebook(rulebook, NOW_US))
