"""A customer's tier and segments in the quotes of every worker, and who may say otherwise.

Source: docs/spec/customers.md#in-quotes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest

from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from tests.access.running import RunningService, until
from tests.catalog.shop import PRODUCTS, a_product, pointers, problem
from tests.customers.people import CUSTOMERS, a_customer
from tests.quotes.lifecycle.conftest import StartWorker, shop_at, start_worker  # noqa: F401 (fixture)
from tests.quotes.lifecycle.shop import QUOTE, Shop

LIST_PRICE, GOLD, SILVER = 100, 90, 95


@dataclass
class Workers:
    """Two workers of one database, a product at 100 TRY that is cheaper for gold and silver, and a promotion for gold."""

    pair: tuple[RunningService, RunningService]
    shops: tuple[Shop, Shop]
    product: str
    tier: str

    def admin(self, method: str, path: str, **request: Any) -> httpx.Response:
        return self.shops[0].admin.request(method, path, **request)

    def customer(self, **fields: Any) -> str:
        made = self.admin("POST", CUSTOMERS, json=a_customer(**{"tier": None, "segments": [], **fields}))
        assert made.status_code == 201, made.text
        return str(made.json()["data"]["id"])

    def replace(self, customer: str, **fields: Any) -> None:
        changed = self.admin("PUT", f"{CUSTOMERS}/{customer}", json=fields)
        assert changed.status_code == 200, changed.text

    def basket(self, customer: str, **fields: Any) -> dict[str, Any]:
        line = {"product_id": self.product, "quantity": 1}
        return self.shops[0].basket(customer_id=customer, items=[line], **fields)

    def quotes(self, customer: str, **fields: Any) -> list[dict[str, Any]]:
        """What each worker answers."""
        answers = [shop.checkout.post(QUOTE, json=self.basket(customer, **fields)) for shop in self.shops]
        assert [answer.status_code for answer in answers] == [200, 200], answers[0].text
        return [answer.json()["data"] for answer in answers]

    def prices(self, customer: str, **fields: Any) -> list[float]:
        return [quote["items"][0]["unit_price"] for quote in self.quotes(customer, **fields)]

    def both_show(self, customer: str, price: float, **fields: Any) -> None:
        until(lambda: self.prices(customer, **fields) == [price, price], f"both workers quote {price}")


@pytest.fixture
def workers(start_worker: StartWorker) -> Workers:  # noqa: F811
    pair = start_worker(), start_worker()
    shops = shop_at(pair[0]), shop_at(pair[1])
    shops[1].seller = shops[0].seller
    gold = f"gold {uuid4().hex[:6]}"
    price = {"currency": "TRY", "base_price": LIST_PRICE}
    made = shops[0].admin.post(PRODUCTS, json=a_product(prices=[price]))
    assert made.status_code == 201, made.text
    product = made.json()["data"]["id"]
    tiers = {gold: {"price": GOLD}, f"silver of {gold}": {"price": SILVER}}
    rules = (
        ("USER_TIER_PRICE", {"tiers": tiers}, {"product_ids": [product]}),
        (
            "PROMOTION",
            {"kind": "percent", "value": 50},
            {"product_ids": [product], "customer_segments": [f"vip {gold}"]},
        ),
    )
    for kind, configuration, conditions in rules:
        rule = {
            "name": f"{kind} {uuid4().hex}",
            "type": kind,
            "configuration": configuration,
            "currency": "TRY",
            "effective_from": "2025-01-01T00:00:00Z",
            "conditions": conditions,
        }
        answer = shops[0].admin.post("/api/v1/pricing-rules", json=rule)
        assert answer.status_code == 201, answer.text
    found = Workers(pair, shops, product, gold)
    asked = found.basket(str(uuid4()))
    until(
        lambda: all(shop.checkout.post(QUOTE, json=asked).status_code == 200 for shop in shops),
        "both workers know the product",
    )
    found.both_show(str(uuid4()), GOLD, customer_tier=gold)
    # All of the rules, not only the first: a quote issued before the last is another's than one issued after it.
    newest = pair[0].rows("SELECT version FROM rulebook_state")[0]["version"]
    until(lambda: all(worker.parts[RulebookHolder].version >= newest for worker in pair), "both workers know all rules")
    return found


def test_a_new_tier_shows_in_every_workers_quotes(workers: Workers) -> None:
    customer = workers.customer()
    assert workers.prices(customer) == [LIST_PRICE, LIST_PRICE]
    workers.replace(customer, tier=workers.tier)
    workers.both_show(customer, GOLD)
    shown = workers.quotes(customer)[0]["items"][0]
    assert shown["price_source"] == "catalog"
    assert [step["kind"] for step in shown["price_adjustments"]] == ["user_tier_price"]
    workers.replace(customer, tier=f"silver of {workers.tier}")
    workers.both_show(customer, SILVER)
    workers.replace(customer)
    workers.both_show(customer, LIST_PRICE)


def test_a_segment_brings_its_promotion(workers: Workers) -> None:
    customer = workers.customer(segments=["other", f"vip {workers.tier}"], tier=workers.tier)
    until(lambda: {quote["discount_amount"] for quote in workers.quotes(customer)} == {45}, "the promotion counts")
    workers.replace(customer, segments=["other"], tier=workers.tier)
    until(lambda: {quote["discount_amount"] for quote in workers.quotes(customer)} == {0}, "it counts no more")
    workers.both_show(customer, GOLD)
    assert [quote["discount_amount"] for quote in workers.quotes(customer)] == [0, 0]


def test_who_is_not_active_or_erased_has_nothing(workers: Workers) -> None:
    customer = workers.customer(tier=workers.tier)
    workers.both_show(customer, GOLD)
    workers.replace(customer, tier=workers.tier, is_active=False)
    workers.both_show(customer, LIST_PRICE)
    workers.replace(customer, tier=workers.tier)
    workers.both_show(customer, GOLD)
    assert workers.admin("DELETE", f"{CUSTOMERS}/{customer}").status_code == 204
    workers.both_show(customer, LIST_PRICE)


def test_plain_sql_is_followed_too(workers: Workers) -> None:
    customer = workers.customer()
    assert workers.prices(customer) == [LIST_PRICE, LIST_PRICE]
    workers.pair[0].rows("UPDATE customers SET tier = $2 WHERE id = $1", customer, workers.tier)
    workers.both_show(customer, GOLD)
    assert workers.prices(customer) == [GOLD, GOLD]


def test_a_checkout_may_say_otherwise_and_each_field_by_itself(workers: Workers) -> None:
    customer = workers.customer(tier=workers.tier, segments=[f"vip {workers.tier}"])
    workers.both_show(customer, GOLD)
    key = {"X-API-Key": workers.pair[0].new_key("quote:write")}
    client = workers.pair[0].http

    def asked(**fields: Any) -> tuple[float, float]:
        quote = client.post(QUOTE, json=workers.basket(customer, **fields), headers=key).json()["data"]
        return quote["items"][0]["unit_price"], quote["discount_amount"]

    assert asked() == (GOLD, 45)
    assert asked(customer_tier=None, customer_segments=None) == (GOLD, 45)
    assert asked(customer_tier=f"silver of {workers.tier}") == (SILVER, 47.5)
    assert asked(customer_segments=["other"]) == (GOLD, 0)
    assert asked(customer_tier="", customer_segments=[]) == (LIST_PRICE, 0)
    stranger = str(uuid4())
    assert workers.prices(stranger, customer_tier=workers.tier) == [GOLD, GOLD]


@pytest.fixture
def shopper(workers: Workers) -> Iterator[tuple[str, httpx.Client]]:
    person = workers.pair[1].new_person("user")
    with httpx.Client(base_url=workers.pair[1].url, headers=person.headers, timeout=60) as client:
        yield person.id, client


def test_a_shoppers_tier_comes_from_the_record_alone(workers: Workers, shopper: tuple[str, httpx.Client]) -> None:
    shopper_id, client = shopper
    workers.customer(id=shopper_id, tier=workers.tier)
    workers.both_show(shopper_id, GOLD)
    seller = workers.admin("POST", "/api/v1/sellers", json={"name": "Kaya"}).json()["data"]["id"]
    workers.pair[0].rows("UPDATE products SET seller_id = $2 WHERE id = $1", workers.product, seller)
    basket = workers.basket(shopper_id)

    def price() -> float | None:
        answer = client.post(QUOTE, json=basket)
        return answer.json()["data"]["items"][0]["unit_price"] if answer.status_code == 200 else None

    until(lambda: price() == GOLD, "the shopper's quote has the tier of the record")
    for fields in ({"customer_tier": "x"}, {"customer_segments": ["x"]}):
        assert pointers(client.post(QUOTE, json={**basket, **fields})) == [f"/{next(iter(fields))}"]
    assert problem(client.post(QUOTE, json={**basket, "customer_id": str(uuid4())})) == (403, "forbidden")


def test_what_was_said_of_a_basket_is_not_found_again_once_the_tier_is_another(workers: Workers) -> None:
    customer = workers.customer()
    before = workers.quotes(customer)
    assert {quote["quote_id"] for quote in workers.quotes(customer)} == {before[0]["quote_id"]}
    workers.replace(customer, tier=workers.tier)
    workers.both_show(customer, GOLD)
    # And the first quote still stands as it was issued.
    read = workers.shops[1].checkout.get(f"/api/v1/quotes/{before[0]['quote_id']}").json()["data"]
    assert read["items"][0]["unit_price"] == LIST_PRICE
    workers.replace(customer)
    until(
        lambda: {quote["quote_id"] for quote in workers.quotes(customer)} == {before[0]["quote_id"]},
        "the same basket is the same quote again",
    )
