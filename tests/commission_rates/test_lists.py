"""Lists over HTTP: filters, pages, refusals; and what quotes see."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from quote_service.pricing.commission.compiled_rate import CompiledRate
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from tests.access.running import RunningService, code_of, until
from tests.commission_rates.rates import Rates, a_rate, pointers, tiered


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["id"] for row in rows]


def test_filters_find_what_names_exactly_that(rates: Rates) -> None:
    category, provider = str(uuid4()), f"provider {uuid4()}"
    both = rates.create(category_id=category, logistics_provider=provider, region="TR/Ankara", currency="TRY")
    one = rates.create(category_id=category, region="Ankara", currency="EUR")
    other = rates.create(logistics_provider=provider)
    assert ids(rates.found(category_id=category)) == [both["id"], one["id"]]
    assert ids(rates.found(seller_id=both["seller_id"])) == [both["id"]]
    assert ids(rates.found(logistics_provider=provider)) == [both["id"], other["id"]]
    assert ids(rates.found(category_id=category, currency="EUR")) == [one["id"]]
    assert ids(rates.found(category_id=category, region="tr/ANKARA")) == [both["id"]]
    assert ids(rates.found(category_id=category, region="ankara")) == [one["id"]]
    assert ids(rates.found(category_id=category, region="TR")) == []
    assert rates.found(category_id=category)[0] == both


def test_active_at_is_half_open(rates: Rates) -> None:
    category = str(uuid4())
    rate = rates.create(
        category_id=category, effective_from="2026-03-01T00:00:00Z", effective_to="2026-04-01T00:00:00+03:00"
    )
    rates.create(category_id=category, is_active=False)

    def at(instant: str) -> list[str]:
        return ids(rates.found(category_id=category, active_at=instant))

    assert at("2026-02-28T23:59:59.999999Z") == []
    assert at("2026-03-01T03:00:00+03:00") == [rate["id"]]
    assert at("2026-03-31T20:59:59.999999Z") == [rate["id"]]
    assert at("2026-03-31T21:00:00Z") == []


def test_pages_show_each_rate_once_while_others_are_made(rates: Rates) -> None:
    category = str(uuid4())
    made = [rates.create(category_id=category)["id"] for _ in range(7)]
    seen, cursor = [], None
    while True:
        page = rates.listed(category_id=category, limit=3, **({"cursor": cursor} if cursor else {})).json()
        seen += ids(page["data"])
        cursor = page["next_cursor"]
        if cursor is None:
            break
        assert len(page["data"]) == 3
        if len(made) < 9:
            made.append(rates.create(category_id=category)["id"])
    assert seen == made


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"limit": 0}, "/query/limit"),
        ({"limit": 201}, "/query/limit"),
        ({"cursor": "nonsense"}, "/query/cursor"),
        ({"category": str(uuid4())}, "/query/category"),
        ({"category_id": "1"}, "/query/category_id"),
        ({"seller_id": ""}, "/query/seller_id"),
        ({"logistics_provider": ""}, "/query/logistics_provider"),
        ({"region": "XX"}, "/query/region"),
        ({"currency": "ABC"}, "/query/currency"),
        ({"active_at": "2026-01-01T00:00:00"}, "/query/active_at"),
        ({"active_at": "1767225600"}, "/query/active_at"),
        ({"active_at": "now"}, "/query/active_at"),
    ],
)
def test_a_query_that_cannot_be_is_refused(rates: Rates, query: dict[str, Any], pointer: str) -> None:
    answer = rates.listed(**query)
    assert (answer.status_code, code_of(answer), pointers(answer)) == (422, "validation-error", [pointer])


def test_a_change_reaches_the_rulebook(rates: Rates, worker: RunningService) -> None:
    """What quotes are priced with follows every kind of write."""

    def held(rate_id: str) -> CompiledRate | None:
        rulebook = worker.parts[RulebookHolder].rulebook
        assert rulebook is not None
        return rulebook.rates.rate(rate_id)

    def percentage() -> object:
        rate = held(record["id"])
        return None if rate is None else rate.charge

    record = rates.create()
    until(lambda: held(record["id"]) is not None, "the rate is priced with")
    rates.put(record["id"], a_rate(seller_id=record["seller_id"], rate=7))
    until(lambda: percentage() == 7_000_000, "the new percentage is priced with")
    (other,) = rates.bulk([tiered()]).json()["data"]["ids"]
    until(lambda: held(other) is not None, "the imported rate is priced with")
    rates.end(record["id"])
    until(lambda: held(record["id"]) is None, "the ended rate is gone")
