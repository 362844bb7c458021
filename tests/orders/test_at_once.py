"""Orders that meet: one outcome each, and nothing sold twice. Source: docs/spec/orders.md#place-an-order."""

from __future__ import annotations

from functools import partial
from uuid import uuid4

import pytest

from tests.orders.market import Market, statuses
from tests.orders.together import together
from tests.quotes.lifecycle.shop import QUOTES, code_of

MANY = 16


@pytest.mark.parametrize("is_accepted", [True, False])
def test_one_quote_is_ordered_once(market: Market, is_accepted: bool) -> None:
    quote_id = market.quote()["quote_id"]
    if is_accepted:
        market.accept(quote_id)
    answers = together(*[lambda: market.order(quote_id=quote_id)] * MANY)
    assert statuses(answers) == {201: 1, 409: MANY - 1}
    (order_id,) = [answer.json()["data"]["id"] for answer in answers if answer.status_code == 201]
    assert {(code_of(each), each.json()["order_id"]) for each in answers if each.status_code == 409} == {
        ("quote-ordered", order_id)
    }
    assert len(market.rows("SELECT 1 FROM ledger_transactions WHERE source_id = $1", order_id)) == 1


def test_one_key_places_one_order(market: Market) -> None:
    key, quote_id = uuid4().hex, market.quote()["quote_id"]
    answers = together(*[lambda: market.order(key, quote_id=quote_id)] * MANY)
    assert set(statuses(answers)) <= {201, 409}
    assert {code_of(each) for each in answers if each.status_code == 409} <= {"request-still-running"}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert market.order(key, quote_id=quote_id).status_code == 201


def test_of_one_unit_one_is_sold(market: Market) -> None:
    product = market.a_product(units=1)
    quotes = [market.quote(items=[{"product_id": product, "quantity": 1}])["quote_id"] for _ in range(50)]
    answers = together(*[lambda quote_id=quote_id: market.order(quote_id=quote_id) for quote_id in quotes])
    assert statuses(answers) == {201: 1, 409: 49}
    refused = [answer for answer in answers if answer.status_code == 409]
    assert {code_of(answer) for answer in refused} == {"out-of-stock"}
    assert {answer.json()["errors"][0]["available"] for answer in refused} == {0}
    assert market.units(product) == 0
    accepted = market.rows("SELECT count(*) AS accepted FROM accepted_quotes WHERE quote_id = ANY ($1::uuid[])", quotes)
    assert accepted == [{"accepted": 1}]


def test_ordering_and_accepting_at_once_take_once(market: Market) -> None:
    product = market.a_product(units=100)
    for _ in range(10):
        quote_id = market.quote(items=[{"product_id": product, "quantity": 1}])["quote_id"]
        before = market.units(product)
        answers = together(*[partial(market.order, quote_id=quote_id)] * 3, *[partial(market.accept, quote_id)] * 3)
        assert [answer.status_code for answer in answers[3:]] == [200] * 3
        assert statuses(answers[:3]) == {201: 1, 409: 2}
        assert len({answer.json()["data"]["receipt"] for answer in answers[3:]}) == 1
        assert market.units(product) == before - 1


def test_a_group_goes_on_without_what_is_refused(market: Market) -> None:
    """Many at once: good ones, one that is sold out, repeats, a key of another request, a quote that is none."""
    product = market.a_product(units=0)
    key, first = uuid4().hex, market.quote()["quote_id"]
    used = uuid4().hex
    assert market.order(used, quote_id=market.quote()["quote_id"]).status_code == 201
    good = [market.quote()["quote_id"] for _ in range(12)]
    sold_out = market.quote(items=[{"product_id": product, "quantity": 1}])["quote_id"]
    forged = market.quote()
    forged["total_amount"] += 1
    answers = together(
        lambda: market.order(key, quote_id=first),
        lambda: market.order(key, quote_id=first),
        lambda: market.order(used, quote_id=good[0]),
        lambda: market.order(quote_id=sold_out),
        lambda: market.order(quote_id=str(uuid4())),
        lambda: market.order(quote_id=forged["quote_id"], data=forged),
        *[lambda quote_id=quote_id: market.order(quote_id=quote_id) for quote_id in good[1:]],
    )
    codes = [None if answer.status_code == 201 else code_of(answer) for answer in answers]
    assert codes[2:6] == ["idempotency-key-reused", "out-of-stock", "quote-unknown", "validation-error"]
    assert codes[6:] == [None] * 11
    assert None in codes[:2]
    assert set(codes[:2]) <= {None, "request-still-running"}
    assert market.order(key, quote_id=first).status_code == 201
    assert market.order(quote_id=good[0]).status_code == 201  # nothing was done under the other key


def test_ordering_and_releasing_a_reservation_at_once(market: Market) -> None:
    product = market.a_product(units=100)
    outcomes = set()
    for _ in range(10):
        quote_id = market.quote(items=[{"product_id": product, "quantity": 1}])["quote_id"]
        reserved = market.checkout.post(f"{QUOTES}/{quote_id}/reserve", json={"hold_seconds": 60})
        if reserved.status_code == 404:
            pytest.skip("quotes cannot be reserved yet")
        assert reserved.status_code in (200, 201), reserved.text
        before = market.units(product)
        ordered, released = together(
            partial(market.order, quote_id=quote_id), partial(market.checkout.delete, f"{QUOTES}/{quote_id}/reserve")
        )
        assert ordered.status_code == 201, ordered.text
        assert market.units(product) == before - 1
        stock = market.rows("SELECT reserved FROM inventory WHERE product_id = $1", product)
        assert stock == [{"reserved": 0}]
        outcomes.add(released.status_code)
    assert outcomes <= {200, 204, 404, 409}
