"""What a product costs whoever looks at it, over HTTP, and that a quote charges the same.

Source: docs/spec/catalog.md#prices-that-a-customer-sees.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.catalog.shop import PRODUCTS, Shop, a_price, pointers, problem
from tests.quotes.lifecycle.shop import until

RULES = "/api/v1/pricing-rules"
PRICES = f"{PRODUCTS}/prices"
UNKNOWN = "00000000-0000-4000-8000-000000000000"


def price(client: httpx.Client, product_id: str, headers: Any = None, **query: Any) -> httpx.Response:
    return client.get(f"{PRODUCTS}/{product_id}/price", params={"currency": "TRY", **query}, headers=headers)


def seen(client: httpx.Client, product_id: str, headers: Any = None, **query: Any) -> dict[str, Any]:
    answer = price(client, product_id, headers, **query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["data"])


def page(client: httpx.Client, *items: dict[str, Any], headers: Any = None, **fields: Any) -> dict[str, Any]:
    answer = client.post(PRICES, json={"currency": "TRY", "items": items, **fields}, headers=headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["data"])


def rule(shop: Shop, product_id: str, kind: str, configuration: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A rule for one product alone, so that tests of one service do not meet."""
    conditions = {"product_ids": [product_id], **fields.pop("conditions", {})}
    body = {"name": uuid4().hex, "type": kind, "configuration": configuration, "currency": "TRY", **fields}
    return shop.made(RULES, {**body, "conditions": conditions})


@pytest.fixture
def product(shop: Shop) -> dict[str, Any]:
    """A product at 100.00, and a variant of it at 120.00, that the service knows."""
    own = {"currency": "TRY", "base_price": 120}
    made = shop.product(variants=[{"sku": uuid4().hex, "name": "large", "prices": [own]}])
    until(lambda: price(shop.http, made["id"]).status_code == 200, "the product is known")
    return made


def counts(shop: Shop, product_id: str, made: dict[str, Any], **query: Any) -> None:
    """Wait until a rule counts."""

    def acts() -> bool:
        steps = seen(shop.http, product_id, **query)["price_adjustments"]
        return made["id"] in [step.get("rule_id") for step in steps]

    until(acts, "the rule counts")


def test_without_a_rule_it_is_the_list_price(shop: Shop, product: dict[str, Any]) -> None:
    assert seen(shop.http, product["id"]) == {
        "product_id": product["id"],
        "variant_id": None,
        "quantity": 1,
        "currency": "TRY",
        "list_price": 100.0,
        "unit_price": 100.0,
        "price_source": "catalog",
        "price_adjustments": [],
        "tax": None,
        "public_price": 100.0,
        "lowest_price_30_days": 100.0,
        "reduction": None,
    }
    variant = product["variants"][0]["id"]
    shown = seen(shop.http, product["id"], variant_id=variant)
    assert (shown["variant_id"], shown["unit_price"], shown["lowest_price_30_days"]) == (variant, 120.0, 120.0)


def test_every_adjustment_is_shown_and_a_quote_charges_the_same(
    shop: Shop, checkout: httpx.Client, product: dict[str, Any]
) -> None:
    product_id = product["id"]
    tiers = {"gold": {"percent": "-7.5"}}
    breaks = [{"min_quantity": 3, "adjustment": {"amount": -1}}]
    tier = rule(shop, product_id, "USER_TIER_PRICE", {"tiers": tiers, "ending": "0.90"}, region="TR/Istanbul")
    many = rule(shop, product_id, "QUANTITY_PRICE", {"breaks": breaks})
    asked: dict[str, Any] = {"quantity": 3, "customer_tier": "gold", "region": "TR/Istanbul"}
    counts(shop, product_id, many, **asked)
    counts(shop, product_id, tier, **asked)
    shown = seen(checkout, product_id, **asked)
    assert (shown["list_price"], shown["unit_price"]) == (100.0, 91.9)
    assert shown["price_adjustments"] == [
        {"kind": "user_tier_price", "amount": -7.5, "rule_id": tier["id"], "percent": -7.5},
        {"kind": "quantity_price", "amount": -1.0, "rule_id": many["id"]},
        {"kind": "rounding", "amount": 0.4},
    ]
    item = {"product_id": product_id, "quantity": 3, "seller_id": str(uuid4())}
    listed = page(checkout, {"product_id": product_id, "quantity": 3}, customer_tier="gold", region="TR/Istanbul")
    assert (listed["prices"], listed["unavailable"]) == ([shown], [])
    basket = {
        "customer_id": str(uuid4()),
        "seller_id": str(uuid4()),
        "items": [item],
        "delivery_address": {"city": "Istanbul", "country": "TR"},
        "currency": "TRY",
        "customer_tier": "gold",
    }

    def line() -> dict[str, Any]:
        answer = checkout.post("/api/v1/quote", json=basket)
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["data"]["items"][0])

    until(lambda: line()["price_adjustments"] == shown["price_adjustments"], "every worker knows the rules")
    for name in ("list_price", "unit_price", "price_source"):
        assert line()[name] == shown[name]
    assert seen(checkout, product_id, quantity=3, customer_tier="gold")["unit_price"] == 99.0
    assert seen(checkout, product_id, quantity=2, customer_tier="gold", region="DE")["unit_price"] == 100.0


def test_a_page_prices_each_product_by_itself_and_shows_what_has_no_price(shop: Shop, product: dict[str, Any]) -> None:
    variant = product["variants"][0]["id"]
    other = shop.product(prices=[a_price(currency="EUR")])
    until(lambda: price(shop.http, other["id"], currency="EUR").status_code == 200, "the product is known")
    breaks = [{"min_quantity": 2, "adjustment": {"amount": -1}}]
    counts(
        shop,
        product["id"],
        rule(shop, product["id"], "QUANTITY_PRICE", {"breaks": breaks, "across_variants": True}),
        quantity=2,
    )
    shown = page(
        shop.http,
        {"product_id": product["id"]},
        {"product_id": product["id"], "variant_id": variant},
        {"product_id": product["id"], "quantity": 2},
        {"product_id": other["id"]},
        {"product_id": product["id"], "variant_id": UNKNOWN},
        {"product_id": UNKNOWN},
    )
    assert [each["unit_price"] for each in shown["prices"]] == [100.0, 120.0, 99.0]
    assert [(each["product_id"], each["reason"]) for each in shown["unavailable"]] == [
        (other["id"], "not_in_currency"),
        (product["id"], "unknown_variant"),
        (UNKNOWN, "unknown_product"),
    ]


def test_what_is_not_sold_is_reported_to_those_who_see_it(shop: Shop, shopper: dict[str, str]) -> None:
    made = shop.product()
    until(lambda: price(shop.http, made["id"]).status_code == 200, "the product is known")
    shop.http.delete(f"{PRODUCTS}/{made['id']}")
    until(lambda: price(shop.http, made["id"]).status_code == 404, "it is not sold any more")
    item = {"product_id": made["id"]}

    def reasons(headers: Any = None) -> list[str]:
        return [each["reason"] for each in page(shop.http, item, headers=headers)["unavailable"]]

    until(lambda: reasons() == ["not_sold"], "every worker knows it")
    assert reasons(shopper) == ["unknown_product"]


def test_a_flash_sale_is_the_last_step(shop: Shop, product: dict[str, Any]) -> None:
    counts(shop, product["id"], rule(shop, product["id"], "TIME_PRICE", {"adjustment": {"amount": -10}}))
    sale = {
        "name": uuid4().hex,
        "starts_at": datetime.now(UTC).isoformat(),
        "ends_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
        "items": [
            {
                "product_id": product["id"],
                "allocated_stock": 5,
                "per_customer_limit": 1,
                "sale_price": 60,
                "currency": "TRY",
            }
        ],
    }
    made = shop.made("/api/v1/flash-sales", sale)
    until(lambda: seen(shop.http, product["id"])["price_source"] == "flash_sale", "the sale is open")
    shown = seen(shop.http, product["id"])
    assert (shown["list_price"], shown["unit_price"]) == (100.0, 60.0)
    assert [(step["kind"], step["amount"]) for step in shown["price_adjustments"]] == [
        ("time_price", -10.0),
        ("flash_sale", -30.0),
    ]
    assert shown["price_adjustments"][-1]["flash_sale_id"] == made["id"]


def test_an_instant_to_come_is_priced_by_the_rules_of_then(shop: Shop, product: dict[str, Any]) -> None:
    start = datetime.now(UTC) + timedelta(days=2)
    later = rule(shop, product["id"], "TIME_PRICE", {"adjustment": {"price": 77}}, effective_from=start.isoformat())
    counts(shop, product["id"], later, at=start.isoformat())
    assert seen(shop.http, product["id"])["unit_price"] == 100.0
    assert seen(shop.http, product["id"], at=(start - timedelta(seconds=1)).isoformat())["unit_price"] == 100.0
    item = {"product_id": product["id"]}
    assert page(shop.http, item, at=start.isoformat())["prices"][0]["unit_price"] == 77.0
    assert pointers(price(shop.http, product["id"], at="2020-01-01T00:00:00Z")) == ["/query/at"]


def test_a_shopper_is_priced_by_the_customers_record(
    shop: Shop, shopper: dict[str, str], product: dict[str, Any]
) -> None:
    tiers = {"gold": {"amount": -5}}
    made = rule(shop, product["id"], "USER_TIER_PRICE", {"tiers": tiers})
    counts(shop, product["id"], made, customer_tier="gold")
    assert seen(shop.http, product["id"], shopper)["unit_price"] == 100.0
    for name, given in (("customer_tier", "gold"), ("segments", "vip"), ("at", "2999-01-01T00:00:00Z")):
        answer = price(shop.http, product["id"], shopper, **{name: given})
        assert pointers(answer) == [f"/query/{name}"]
    body: dict[str, Any] = {"currency": "TRY", "items": [{"product_id": product["id"]}]}
    others = {"customer_tier": "gold", "customer_segments": [], "at": "2999-01-01T00:00:00Z"}
    answer = shop.http.post(PRICES, json={**body, **others}, headers=shopper)
    assert pointers(answer) == ["/customer_tier", "/customer_segments", "/at"]
    other = shop.http.post(PRICES, json={**body, "customer_id": UNKNOWN}, headers=shopper)
    assert problem(other) == (403, "forbidden")
    assert price(shop.http, product["id"], shopper, customer_id=UNKNOWN).status_code == 403


def test_a_customers_tier_and_segments_come_from_the_record(shop: Shop, product: dict[str, Any]) -> None:
    customer = shop.made("/api/v1/customers", {"external_ref": uuid4().hex, "tier": "gold", "segments": ["vip"]})
    made = rule(
        shop,
        product["id"],
        "USER_TIER_PRICE",
        {"tiers": {"gold": {"amount": -5}, "iron": {"amount": 5}}},
        conditions={"customer_segments": ["vip"]},
    )
    counts(shop, product["id"], made, customer_id=customer["id"])
    assert seen(shop.http, product["id"], customer_id=customer["id"])["unit_price"] == 95.0
    assert seen(shop.http, product["id"], customer_id=customer["id"], customer_tier="iron")["unit_price"] == 105.0
    assert seen(shop.http, product["id"], customer_id=customer["id"], segments="other, more")["unit_price"] == 100.0
    assert seen(shop.http, product["id"], customer_tier="gold", segments="other, vip")["unit_price"] == 95.0
    item = {"product_id": product["id"]}
    assert page(shop.http, item, customer_id=customer["id"])["prices"][0]["unit_price"] == 95.0


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"currency": "XXX"}, ["/query/currency"]),
        ({"quantity": "0"}, ["/query/quantity"]),
        ({"region": "XX/Nowhere"}, ["/query/region"]),
        ({"variant_id": UNKNOWN}, ["/query/variant_id"]),
        ({"currency": "EUR"}, ["/query/currency"]),
        ({"at": "now"}, ["/query/at"]),
        ({"colour": "red"}, ["/query/colour"]),
    ],
)
def test_a_bad_query_is_reported_where(
    shop: Shop, product: dict[str, Any], query: dict[str, str], expected: list[str]
) -> None:
    assert pointers(price(shop.http, product["id"], **query)) == expected


def test_a_bad_page_is_reported_where(shop: Shop) -> None:
    many = [{"product_id": UNKNOWN}] * 501
    for body, expected in (
        ({"currency": "TRY", "items": []}, ["/items"]),
        ({"currency": "TRY", "items": many}, ["/items"]),
        ({"currency": "TRY", "items": many[:500]}, None),
        ({"items": [{"product_id": "x", "quantity": 0}]}, ["/items/0/product_id", "/items/0/quantity", "/currency"]),
        ({"currency": "TRY", "items": many[:1], "region": "XX/Nowhere"}, ["/region"]),
        ({"currency": "XXX", "items": many[:1], "at": "2020-01-01T00:00:00Z"}, ["/currency", "/at"]),
    ):
        answer = shop.http.post(PRICES, json=body)
        if expected is None:
            assert answer.status_code == 200
        else:
            assert pointers(answer) == expected


def test_an_unknown_product_is_404_and_nobody_sees_prices_unnamed(shop: Shop, anonymous: httpx.Client) -> None:
    assert price(shop.http, UNKNOWN).status_code == 404
    assert price(anonymous, UNKNOWN).status_code == 401
    assert anonymous.post(PRICES, json={"currency": "TRY", "items": [{"product_id": UNKNOWN}]}).status_code == 401
