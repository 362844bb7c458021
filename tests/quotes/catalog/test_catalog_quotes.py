"""Quotes for products of the catalog, over HTTP: prices, what fills what, what is refused, and everything after the quote.

Source: docs/spec/quotes.md#catalog-prices.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.access.running import until
from tests.catalog.shop import a_price, pointers, problem
from tests.flash_sales.sales import a_sale, an_item
from tests.quotes.catalog.store import QUOTE, QUOTES, Store, a_line

FRAMEWORK = f"{QUOTE}?way=ordinary"


def warnings_of(quote: dict[str, Any], code: str = "price_changed") -> list[dict[str, Any]]:
    return [each for each in quote["warnings"] if each["code"] == code]


def test_a_product_of_the_catalog_needs_no_price(store: Store) -> None:
    category, seller = store.category(), store.seller()
    product = store.known(category_id=category["id"], seller_id=seller["id"], tags=["red"], weight=0.5)
    quote = store.quote(store.basket(a_line(product), a_line(str(uuid4()), unit_price=7.5)))
    first, second = quote["items"]
    assert (first["list_price"], first["unit_price"], first["line_total"]) == (100, 100, 200)
    assert (first["price_source"], first["price_adjustments"], first["seller_id"]) == ("catalog", [], seller["id"])
    assert (second["unit_price"], second["price_source"]) == (Decimal("7.50"), "request")
    assert not warnings_of(quote)
    assert {payout["seller_id"] for payout in quote["payouts"]} == {first["seller_id"], second["seller_id"]}


def test_what_the_catalog_says_is_what_rules_and_rates_go_by(store: Store) -> None:
    category, seller = store.category(), store.seller()
    product = store.known(category_id=category["id"], seller_id=seller["id"], tags=["red"], weight=1.5)
    store.rule("DELIVERY_FEE", {"base_fee": 1, "per_kg": 1})
    store.rule("PROMOTION", {"kind": "percent", "value": 10}, conditions={"category_ids": [category["id"]]})
    store.rule("PROMOTION", {"kind": "percent", "value": 10}, conditions={"tags_any": ["red"]})
    rate = {"commission_type": "PERCENTAGE", "seller_id": seller["id"], "rate": 10, "region": f"TR/{store.city}"}
    store.made("/api/v1/commission-rates", {**rate, "effective_from": "2025-01-01T00:00:00Z"})
    until(
        lambda: (
            store.quote(store.basket(a_line(product)))["commission_breakdown"]["total_commission"] == Decimal("16.20")
        ),
        "rules and rates count",
    )
    quote = store.quote(store.basket(a_line(product)))
    assert (quote["discount_amount"], quote["delivery_fee"]) == (38, 4)


def test_a_price_that_is_sent_is_compared_and_no_more(store: Store) -> None:
    product = store.known()
    basket = store.basket(a_line(product, unit_price=99.5))
    quote = store.quote(basket)
    assert quote["items"][0]["unit_price"] == 100
    assert warnings_of(quote) == [
        {
            "code": "price_changed",
            "detail": "the catalog's price is 100.00; 99.50 was sent",
            "pointer": "/items/0/unit_price",
        }
    ]
    right, none = ({**basket, "items": [a_line(product, **price)]} for price in ({"unit_price": "100"}, {}))
    other = {**basket, "items": [a_line(product, unit_price="1e2")], "external_ref": "mine"}
    for again in (right, none, other, basket):
        answer = store.quote(again)
        assert answer["quote_id"] == quote["quote_id"], "what was sent makes no other quote"
        assert bool(warnings_of(answer)) is (again is basket), "each sender hears of its own"
        assert verified(store, answer)


def verified(store: Store, quote: dict[str, Any]) -> bool:
    through_floats = {"data": httpx.Response(200, json=floats(quote)).json()}
    return bool(store.checkout.post(f"{QUOTES}/verify", json=through_floats).json()["data"]["valid"])


def floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: floats(each) for name, each in value.items()}
    if isinstance(value, list):
        return [floats(each) for each in value]
    return float(value) if isinstance(value, Decimal) else value


def test_a_moved_price_ends_the_quotes_of_its_product_alone(store: Store) -> None:
    product, other = store.known(), store.known()
    with_it, without = store.basket(a_line(product), a_line(other)), store.basket(a_line(other))
    first, left = store.quote(with_it), store.quote(without)
    assert store.quote(with_it)["cache"] == "local"
    store.price(product, 120)
    until(lambda: store.quote(with_it)["items"][0]["unit_price"] == 120, "the moved price is charged")
    moved = store.quote(with_it)
    assert moved["quote_id"] != first["quote_id"]
    assert store.quote(without)["quote_id"] == left["quote_id"]
    kept = store.shown(f"{QUOTES}/{first['quote_id']}")
    assert kept["items"][0]["unit_price"] == 100, "a price once given stays"
    store.price(product, 100)
    until(lambda: store.quote(with_it)["items"][0]["unit_price"] == 100, "the price is back")
    assert store.quote(with_it)["quote_id"] == first["quote_id"], "the same price is the same quote"


def test_variants_and_currencies_have_their_own_prices(store: Store) -> None:
    prices = [a_price(), a_price(currency="USD", base_price=5, min_price=1, max_price=9)]
    large = {
        "sku": f"V-{uuid4().hex}",
        "name": "L",
        "prices": [{"currency": "TRY", "base_price": 130, "current_price": 130}],
    }
    product = store.known(prices=prices, variants=[large, {"sku": f"V-{uuid4().hex}", "name": "M"}])
    own, plain = sorted(product["variants"], key=lambda variant: str(variant["name"]))
    store.charged(product, 130, variant_id=own["id"])
    store.charged(product, 100, variant_id=plain["id"])
    quote = store.quote(store.basket(a_line(product), a_line(product, variant_id=own["id"]), currency="TRY"))
    assert [line["unit_price"] for line in quote["items"]] == [100, 130]
    assert store.quote(store.basket(a_line(product), currency="USD"))["items"][0]["unit_price"] == 5
    refused = store.asked(store.basket(a_line(product), a_line(str(uuid4())), currency="EUR"))
    assert pointers(refused) == ["/items/0/product_id", "/items/1/unit_price"]
    another = store.known()
    assert pointers(store.asked(store.basket(a_line(another, variant_id=own["id"])))) == ["/items/0/variant_id"]


def test_what_is_not_sold_is_refused_on_every_way(store: Store) -> None:
    product = store.known()
    assert store.http.delete(f"/api/v1/products/{product['id']}").status_code in (200, 204)
    for line in (a_line(product), a_line(product, unit_price=1)):
        basket = store.basket(line)
        until(lambda basket=basket: store.asked(basket).status_code == 422, "it is sold no more")  # type: ignore[misc]
        fast, ordinary = (store.checkout.post(path, json=basket) for path in (QUOTE, FRAMEWORK))
        assert pointers(fast) == ["/items/0/product_id"]
        assert (fast.status_code, fast.content) == (ordinary.status_code, ordinary.content)
        (entry,) = store.checkout.post(f"{QUOTES}/batch", json={"baskets": [basket]}).json()["data"]
        assert (entry["status"], [each["pointer"] for each in entry["problem"]["errors"]]) == (
            422,
            ["/items/0/product_id"],
        )
        simulated = store.http.post(f"{QUOTES}/simulate", json=basket)
        assert pointers(simulated) == ["/items/0/product_id"]


HOSTILE: dict[str, tuple[Any, list[str]]] = {
    "a price of text": ({"unit_price": "1_0"}, ["/items/0/unit_price"]),
    "a negative price": ({"unit_price": -1}, ["/items/0/unit_price"]),
    "a price of null": ({"unit_price": None}, []),
    "no variant of anything": ({"variant_id": "not a variant"}, ["/items/0/variant_id"]),
    "a variant that there is not": ({"variant_id": "00000000-0000-4000-8000-000000000000"}, ["/items/0/variant_id"]),
    "quantity 0": ({"quantity": 0}, ["/items/0/quantity"]),
    "a million of them": ({"quantity": 1_000_000}, []),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_odd_lines(store: Store, name: str) -> None:
    fields, wrong = HOSTILE[name]
    answer = store.asked(store.basket(a_line(store.known(), **fields)))
    if wrong:
        assert pointers(answer) == wrong
    else:
        assert answer.status_code == 200, answer.text


def test_a_basket_that_the_catalog_makes_too_dear_is_refused(store: Store) -> None:
    dear = a_price(base_price=9_999_999_999, min_price=1, max_price=None)
    product = store.known(prices=[dear])
    assert pointers(store.asked(store.basket(a_line(product, quantity=1_000_000)))) == ["/items/0", "/items"]
    assert store.quote(store.basket(a_line(product, quantity=999)))["total_amount"] == 999 * 9_999_999_999


def test_500_lines_of_one_product(store: Store) -> None:
    product = store.known()
    quote = store.quote(store.basket(*[a_line(product, unit_price=1)] * 500))
    assert quote["total_amount"] == 500 * 200
    assert len(warnings_of(quote)) == 500
    assert verified(store, quote)


def test_price_rules_show_their_steps_and_can_be_explained(store: Store) -> None:
    product = store.known()
    rule = store.rule("TIME_PRICE", {"adjustment": {"percent": -12.5}})
    breaks = [{"min_quantity": 10, "adjustment": {"percent": -10}}]
    tens = store.rule("QUANTITY_PRICE", {"breaks": breaks, "ending": "0.90"})
    store.charged(product, 78.9, quantity=10)
    quote = store.quote(store.basket(a_line(product, quantity=10, unit_price=80)))
    (line,) = quote["items"]
    assert (line["list_price"], line["unit_price"], line["line_total"]) == (100, Decimal("78.90"), 789)
    assert line["price_adjustments"] == [
        {"kind": "time_price", "amount": Decimal("-12.50"), "rule_id": rule["id"], "percent": Decimal("-12.5")},
        {"kind": "quantity_price", "amount": Decimal("-8.75"), "rule_id": tens["id"], "percent": -10},
        {"kind": "rounding", "amount": Decimal("0.15")},
    ]
    assert {rule["id"], tens["id"]} <= {each["id"] for each in quote["applied_rules"]}
    assert len(warnings_of(quote)) == 1
    assert verified(store, quote)
    store.price(product, 150)
    store.charged(product, 131.25)
    explained = store.explained(quote["quote_id"])
    assert (explained["agrees"], explained["differences"]) == (True, []), "the catalog of another day explains it"
    accepted = store.checkout.post(f"{QUOTES}/{quote['quote_id']}/accept")
    assert accepted.status_code == 200, accepted.text
    assert accepted.json(parse_float=Decimal)["data"]["items"] == quote["items"]
    assert store.explained(quote["quote_id"])["agrees"] is True


def test_a_quote_can_be_accepted_by_its_signature_alone(store: Store) -> None:
    product = store.known()
    store.rule("TIME_PRICE", {"adjustment": {"price": 66.6}})
    store.charged(product, 66.6)
    basket = store.basket(a_line(product))
    fresh = store.checkout.post(QUOTE, json=basket, headers={"Cache-Control": "no-cache"}).json()["data"]
    accepted = store.checkout.post(f"{QUOTES}/{fresh['quote_id']}/accept", json={"data": fresh})
    assert accepted.status_code == 200, accepted.text
    assert accepted.json()["data"]["total_amount"] == 133.2


def test_a_simulation_supposes_price_rules_tiers_and_flags(store: Store) -> None:
    product = store.known()
    rules = [
        {
            "name": f"t {store.city}",
            "type": "TIME_PRICE",
            "configuration": {"adjustment": {"percent": -10}},
            "currency": "TRY",
        },
        {
            "name": f"g {store.city}",
            "type": "USER_TIER_PRICE",
            "configuration": {"tiers": {"gold": {"amount": -20}}},
            "currency": "TRY",
        },
    ]
    basket = store.basket(a_line(product, unit_price=1), customer_tier="silver")
    asked = {**basket, "draft_rules": rules, "customer_tier": "gold"}
    answer = store.http.post(f"{QUOTES}/simulate", json=asked)
    assert answer.status_code == 200, answer.text
    data = answer.json(parse_float=Decimal)["data"]
    now, simulated = (data[name]["items"][0] for name in ("now", "simulated"))
    assert (now["unit_price"], simulated["unit_price"]) == (100, 70)
    assert [step["kind"] for step in simulated["price_adjustments"]] == ["time_price", "user_tier_price"]
    assert data["difference"]["item_total"] == -60
    for name, price in (("now", "100.00"), ("simulated", "70.00")):
        (warning,) = warnings_of(data[name])
        assert warning["detail"] == f"the catalog's price is {price}; 1.00 was sent"
    flagged = store.http.post(f"{QUOTES}/simulate", json={**basket, "flag_overrides": {"dynamic_pricing": False}})
    assert flagged.status_code == 200, flagged.text


def test_a_batch_shows_what_a_single_quote_shows(store: Store) -> None:
    product = store.known()
    baskets = [store.basket(a_line(product)), store.basket(a_line(str(uuid4()))), store.basket(a_line(product))]
    for _ in range(2):
        entries = store.checkout.post(f"{QUOTES}/batch", json={"baskets": baskets}).json()["data"]
        assert [entry["status"] for entry in entries] == [200, 422, 200]
        assert [entries[place]["data"]["items"][0]["price_source"] for place in (0, 2)] == ["catalog", "catalog"]


def test_a_customers_record_says_the_tier(store: Store) -> None:
    product = store.known()
    store.rule("USER_TIER_PRICE", {"tiers": {"gold": {"price": 90}}})
    customer = store.made("/api/v1/customers", {"tier": "gold", "segments": ["vip"]})["id"]
    basket = store.basket(a_line(product), customer_id=customer)
    until(lambda: store.quote(basket)["items"][0]["unit_price"] == 90, "the record's tier counts")
    assert store.quote({**basket, "customer_tier": "silver"})["items"][0]["unit_price"] == 100


def test_a_sale_starts_from_the_catalogs_price(store: Store) -> None:
    product = store.known()
    sale = store.made("/api/v1/flash-sales", a_sale(an_item(product_id=product["id"]), respects_min_price=False))
    assert store.http.post(f"/api/v1/flash-sales/{sale['id']}/activate").status_code == 200
    basket = store.basket(a_line(product))
    until(lambda: store.quote(basket)["items"][0]["price_source"] == "flash_sale", "the sale is on")
    (line,) = store.quote(basket)["items"]
    assert (line["list_price"], line["unit_price"]) == (100, Decimal("19.99"))
    assert line["price_adjustments"] == [
        {"kind": "flash_sale", "flash_sale_id": sale["id"], "amount": Decimal("-80.01")}
    ]
    explained = store.explained(store.quote(basket)["quote_id"])
    assert explained["agrees"] is True


def test_a_refused_basket_names_the_problem(store: Store) -> None:
    answer = store.asked(store.basket(a_line(str(uuid4()))))
    assert problem(answer) == (422, "validation-error")
