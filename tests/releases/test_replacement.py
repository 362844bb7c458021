"""A live installation of the release before is replaced by this one: what either issued, both honour.

Source: docs/spec/quotes.md#forms; docs/production.md#upgrade-and-rollback.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.releases.cases import CASES, Case
from tests.releases.corpus import ORDERS, QUOTES, IssuedQuote, issue_again, issue_case
from tests.releases.installation import Installation, until

NAMES = ("small basket, fixed", "tax within", "tax within some", "promotion and coupon", "two sellers", "flash sale")
TAX_WITHIN = {"tax within": [True, True], "tax within some": [True, False]}
_CASES = [case for case in CASES if case.name in NAMES]


@pytest.fixture(scope="module")
def old(before: Installation) -> dict[str, IssuedQuote]:
    """Quotes of the release before, by kind."""
    return {case.name: issued(issue_case(before, case)) for case in _CASES}


@pytest.fixture(scope="module")
def accepted_before(before: Installation, old: dict[str, IssuedQuote]) -> dict[str, httpx.Response]:
    """What it answered when others of the same kinds were accepted, by their ids."""
    quotes = [issue_again(before, each) for each in old.values()]
    return {each.quote_id: accept(before, each.quote_id) for each in quotes}


def issued(outcome: IssuedQuote | str) -> IssuedQuote:
    assert isinstance(outcome, IssuedQuote), outcome
    return outcome


def accept(running: Installation, quote_id: str, data: Any = None) -> httpx.Response:
    answer = running.checkout.post(f"{QUOTES}/{quote_id}/accept", json=None if data is None else {"data": data})
    assert answer.status_code == 200, answer.text
    return answer


def order(running: Installation, quote_id: str) -> dict[str, Any]:
    answer = running.checkout.post(ORDERS, json={"quote_id": quote_id}, headers={"Idempotency-Key": uuid4().hex})
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["data"])


@pytest.mark.parametrize("name", NAMES)
def test_a_quote_of_the_release_before_is_accepted_repeated_and_ordered(
    name: str, old: dict[str, IssuedQuote], after: Installation, before: Installation
) -> None:
    quote = old[name]
    data = json.loads(quote.data)
    by_id, with_data = quote, issue_again(before, quote)
    for each, body in ((by_id, None), (with_data, json.loads(with_data.data))):
        first = accept(after, each.quote_id, body)
        assert each.data[:-1] in first.text, "what was signed is what is kept"
        assert accept(after, each.quote_id).content == accept(after, each.quote_id, body).content == first.content
        placed = order(after, each.quote_id)
        assert placed["total_amount"] == data["total_amount"]
        within = [line["tax_included"] for line in placed["lines"]]
        assert within == TAX_WITHIN.get(name, [False] * len(within))
    verified = after.checkout.post(f"{QUOTES}/verify", json={"data": data}).json()
    assert verified["data"] == {"valid": True, "reason": None, "detail": None, "pointer": None}


def test_what_the_release_before_accepted_is_repeated_ordered_and_explained(
    accepted_before: dict[str, httpx.Response], after: Installation
) -> None:
    for quote_id, first in accepted_before.items():
        assert accept(after, quote_id).json()["data"] == first.json()["data"]
        order(after, quote_id)
        explained = after.checkout.get(f"{QUOTES}/{quote_id}/explain").json()["data"]
        assert (explained["agrees"], explained["differences"]) == (True, [])


def test_a_replay_meets_every_quote_of_the_release_before(
    accepted_before: dict[str, httpx.Response], after: Installation
) -> None:
    answer = after.admin.post("/api/v1/analytics/replay", json={"from": "2025-01-01T00:00:00Z"})
    assert answer.status_code == 202, answer.text
    shown: dict[str, Any] = {}

    def is_over() -> bool:
        shown.update(after.admin.get(answer.headers["location"]).json()["data"])
        return shown["finished_at"] is not None

    until(is_over, "the replay is over")
    assert shown["status"] == "done", shown
    assert shown["result"]["proof"]["not_reproduced"] == {}, shown["result"]["proof"]
    assert shown["result"]["quotes"] >= len(accepted_before)


@pytest.mark.parametrize("name", NAMES)
def test_the_release_before_honours_what_this_one_issues(
    name: str, old: dict[str, IssuedQuote], before: Installation, after: Installation
) -> None:
    quote = issue_again(after, old[name])
    accepted = accept(before, quote.quote_id)
    data, kept = accepted.json()["data"], json.loads(quote.data)
    assert [data[each] for each in ("quote_id", "total_amount", "valid_until")] == [
        kept[each] for each in ("quote_id", "total_amount", "valid_until")
    ]
    assert accept(after, quote.quote_id).json()["data"] == data
    assert accept(after, quote.quote_id, kept).json()["data"] == data
    order(after, quote.quote_id)
    read = before.checkout.get(f"{QUOTES}/{issue_again(after, quote).quote_id}")
    assert read.status_code == 200, read.text
    assert before.checkout.post(f"{QUOTES}/verify", json={"data": read.json()["data"]}).json()["data"]["valid"]


def test_migrating_says_what_the_new_processes_need(after: Installation) -> None:
    assert "give the new ones QUOTE_KEPT_FORM=1" in after.migrated
    assert after.run("migrate").strip() == "Nothing to apply"


def test_the_release_before_honours_what_only_this_one_can_price(before: Installation, after: Installation) -> None:
    """Half off two jackets, one of which is held at its minimum price: what was cut off is no member that it knows."""
    ids = []
    for least in (60, 10):
        price = {"currency": "TRY", "base_price": 100, "min_price": least, "max_price": 200}
        draft = {"sku": uuid4().hex, "name": "Jacket", "prices": [price]}
        made = after.admin.post("/api/v1/products", json=draft)
        assert made.status_code == 201, made.text
        ids.append(made.json()["data"]["id"])
    off = {"kind": "percent", "value": 50, "applies_to": "lines"}
    conditions = {"product_ids": ids}
    rule = {"name": uuid4().hex, "type": "PROMOTION", "currency": "TRY", "configuration": off, "conditions": conditions}
    assert after.admin.post("/api/v1/pricing-rules", json=rule).status_code == 201
    basket = {
        "customer_id": str(uuid4()),
        "seller_id": str(uuid4()),
        "items": [{"product_id": each, "quantity": 1} for each in ids],
        "delivery_address": {"country": "TR", "city": "Istanbul"},
        "currency": "TRY",
    }
    quotes: list[Any] = []

    def is_held() -> bool:
        answer = after.checkout.post("/api/v1/quote", json=basket, headers={"Cache-Control": "no-cache"})
        quotes.append(answer)
        return answer.status_code == 200 and "min_price_cut" in answer.text

    until(is_held, "a discount is held at a minimum price")
    data = quotes[-1].json()["data"]
    assert (data["subtotal"], data["discount_amount"]) == (110.0, 90.0)
    accepted = accept(before, data["quote_id"]).json()["data"]
    assert accepted["total_amount"] == data["total_amount"]
    assert order(after, data["quote_id"])["total_amount"] == data["total_amount"]


@pytest.mark.parametrize("is_inclusive", [False, True])
def test_tax_on_commission_of_a_quote_that_the_release_before_accepted_is_in_its_order(
    is_inclusive: bool, before: Installation, after: Installation
) -> None:
    case = Case(
        "tax on the commission",
        (("COMMISSION_TAX", {"rate": 20, "inclusive": is_inclusive}),),
        ({"commission_type": "PERCENTAGE", "rate": 12.5},),
        ({"unit_price": 80, "quantity": 1},),
    )
    reported, quote = (issued(issue_case(after, case)) for _ in range(2))
    accept(before, quote.quote_id)
    ours, theirs = (order(after, each.quote_id)["sellers"][0] for each in (reported, quote))
    assert theirs["commission_tax"]["amount"] == (1.67 if is_inclusive else 2.0)
    for each in (ours, theirs):
        for name in ("seller_id", "rule_id"):
            each.pop(name, None)
            each["commission_tax"].pop(name, None)
    assert theirs == ours
