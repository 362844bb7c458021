"""What a flash sale does to quotes, over HTTP: its price is shown while it is on and stock lasts, and no longer.

Source: docs/spec/flash-sales.md#sale-prices-in-quotes.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.access.running import until
from tests.flash_sales.sales import OnSale, Sales, a_sale, an_item, instant

QUOTE, QUOTES = "/api/v1/quote", "/api/v1/quotes"
OWN_PRICE = Decimal("25.50")
PRICE = Decimal("19.99")


def a_basket(*product_ids: str, **fields: Any) -> dict[str, Any]:
    """A line of 2 x 25.50 TRY for each product."""
    return {
        "customer_id": str(uuid4()),
        "seller_id": str(uuid4()),
        "items": [{"product_id": product_id, "quantity": 2, "unit_price": 25.5} for product_id in product_ids],
        "delivery_address": {"country": "TR", "city": "Istanbul"},
        "currency": "TRY",
        **fields,
    }


def quote(checkout: httpx.Client, basket: dict[str, Any], **headers: str) -> dict[str, Any]:
    answer = checkout.post(QUOTE, json=basket, headers=headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json(parse_float=Decimal)["data"])


def priced(checkout: httpx.Client, basket: dict[str, Any]) -> list[tuple[Any, str]]:
    """Of each line the unit price and where it comes from."""
    return [(line["unit_price"], line["price_source"]) for line in quote(checkout, basket)["items"]]


def shows(sales: Sales, basket: dict[str, Any], *lines: tuple[Any, str]) -> None:
    """Wait until a quote shows these lines: what is on sale is read twice a second."""
    until(lambda: priced(sales.checkout, basket) == list(lines), f"the quote shows {lines}")


OWN = (OWN_PRICE, "request")
ON_SALE = (PRICE, "flash_sale")


def test_a_product_on_sale_is_quoted_at_the_sales_price(sales: Sales) -> None:
    on, other = sales.on_sale(list_price=30), str(uuid4())
    basket = a_basket(on.product_id, other)
    shows(sales, basket, ON_SALE, OWN)
    answer = quote(sales.checkout, basket)
    line = answer["items"][0]
    assert (line["list_price"], line["line_total"]) == (OWN_PRICE, Decimal("39.98"))
    assert line["price_adjustments"] == [{"kind": "flash_sale", "flash_sale_id": on.id, "amount": Decimal("-5.51")}]
    assert answer["items"][1]["price_adjustments"] == []
    (items,) = [step for step in answer["pricing_breakdown"]["calculations"] if step["step"] == "items"]
    assert items["amount"] == answer["subtotal"] == answer["pricing_breakdown"]["item_total"] == Decimal("90.98")
    assert answer["payouts"][0]["item_total"] == Decimal("90.98")


def test_a_sale_begins_and_ends_by_the_clock(sales: Sales) -> None:
    item = an_item()
    sale = sales.create(a_sale(item, starts_at=instant(1)))
    basket = a_basket(item["product_id"])
    before = quote(sales.checkout, basket)
    assert (before["items"][0]["unit_price"], before["items"][0]["price_source"]) == OWN
    shows(sales, basket, ON_SALE)
    during = quote(sales.checkout, basket)
    assert datetime.fromisoformat(during["valid_from"]) >= datetime.fromisoformat(sale["starts_at"])
    sales.rewrite(OnSale(sale), ends_at=instant(1))
    shows(sales, basket, OWN)
    after = quote(sales.checkout, basket)
    # Its own price again is the quote that was given at that price; the sale's quote stays as it was given.
    assert after["quote_id"] == before["quote_id"]
    kept = sales.checkout.get(f"{QUOTES}/{during['quote_id']}").json(parse_float=Decimal)["data"]
    assert {**kept, "cache": during["cache"]} == during


@pytest.mark.parametrize("step", ["end", "cancel"])
def test_a_sale_that_a_person_stops_prices_no_more(sales: Sales, step: str) -> None:
    on = sales.on_sale()
    basket = a_basket(on.product_id)
    shows(sales, basket, ON_SALE)
    assert sales.step(on.id, step).status_code == 200
    shows(sales, basket, OWN)


def test_a_price_is_changed_while_the_sale_is_on(sales: Sales) -> None:
    on = sales.on_sale()
    basket = a_basket(on.product_id)
    shows(sales, basket, ON_SALE)
    first = quote(sales.checkout, basket)
    assert quote(sales.checkout, basket)["cache"] == "local"
    sales.rewrite(on, sale_price=17.5)
    shows(sales, basket, (Decimal("17.50"), "flash_sale"))
    second = quote(sales.checkout, basket)
    assert second["quote_id"] != first["quote_id"]
    assert quote(sales.checkout, basket, **{"Cache-Control": "no-cache"})["items"] == second["items"]


def test_the_price_is_shown_while_stock_lasts(sales: Sales) -> None:
    on = sales.on_sale(hold_seconds=600, allocated_stock=2)
    basket = a_basket(on.product_id)
    shows(sales, basket, ON_SALE)
    first = quote(sales.checkout, basket)
    sales.bought(on)
    last = sales.bought(on, wait=5)
    shows(sales, basket, OWN)
    assert sales.checkout.delete(f"/api/v1/purchases/{last['purchase_id']}").status_code in (200, 204)
    shows(sales, basket, ON_SALE)
    assert quote(sales.checkout, basket)["quote_id"] == first["quote_id"], "at the same price it is the same quote"


def test_nobody_pays_more_because_of_a_sale(sales: Sales) -> None:
    on = sales.on_sale()
    lines = [{"product_id": on.product_id, "quantity": 1, "unit_price": price} for price in (19.98, 19.99, 19.990001)]
    basket = a_basket(items=lines)
    shows(sales, basket, (Decimal("19.98"), "request"), ON_SALE, ON_SALE)
    finer = quote(sales.checkout, basket)["items"][2]
    assert (finer["list_price"], finer["price_adjustments"][0]["amount"]) == (
        Decimal("19.990001"),
        Decimal("-0.000001"),
    )


def test_a_sale_in_another_currency_is_none_of_the_baskets(sales: Sales) -> None:
    yen, lira = sales.on_sale(currency="JPY", sale_price=19), sales.on_sale()
    shows(sales, a_basket(yen.product_id, currency="JPY"), (19, "flash_sale"))
    basket = a_basket(yen.product_id, lira.product_id)
    shows(sales, basket, OWN, ON_SALE)
    assert quote(sales.checkout, basket)["items"][0]["price_adjustments"] == []


def test_the_quote_of_a_sale_is_explained_verified_and_accepted(sales: Sales) -> None:
    on = sales.on_sale()
    basket = a_basket(on.product_id, str(uuid4()))
    shows(sales, basket, ON_SALE, OWN)
    issued = quote(sales.checkout, basket)
    through_floats = sales.checkout.post(QUOTE, json=basket).json()["data"]
    assert sales.checkout.post(f"{QUOTES}/verify", json=through_floats).json()["data"]["valid"] is True
    through_floats["items"][0]["price_adjustments"][0]["amount"] = -5.5
    assert sales.checkout.post(f"{QUOTES}/verify", json=through_floats).json()["data"]["valid"] is False
    sales.step(on.id, "end")
    shows(sales, basket, OWN, OWN)
    # The sale is over; the quote is what it was, and binds until its own end.
    explained = sales.checkout.get(f"{QUOTES}/{issued['quote_id']}/explain").json()["data"]
    assert (explained["agrees"], explained["differences"]) == (True, [])
    accepted = sales.checkout.post(f"{QUOTES}/{issued['quote_id']}/accept")
    assert accepted.status_code == 200, accepted.text
    data = accepted.json(parse_float=Decimal)["data"]
    assert (data["items"], data["total_amount"]) == (issued["items"], Decimal("90.98"))
    explained = sales.checkout.get(f"{QUOTES}/{issued['quote_id']}/explain").json()["data"]
    assert explained["agrees"] is True


def test_a_batch_shows_what_a_single_quote_shows(sales: Sales) -> None:
    on = sales.on_sale()
    baskets = [a_basket(on.product_id), a_basket(str(uuid4())), a_basket(on.product_id)]
    shows(sales, baskets[0], ON_SALE)
    for _ in range(2):  # priced, and found again
        answer = sales.checkout.post(f"{QUOTES}/batch", json={"baskets": baskets})
        lines = [entry["data"]["items"][0] for entry in answer.json(parse_float=Decimal)["data"]]
        assert [(line["unit_price"], line["price_source"]) for line in lines] == [ON_SALE, OWN, ON_SALE]


def test_a_simulation_knows_the_active_sales_from_start_to_end(sales: Sales) -> None:
    on = sales.on_sale()
    basket = a_basket(on.product_id)
    shows(sales, basket, ON_SALE)
    answer = sales.admin.post(f"{QUOTES}/simulate", json={**basket, "at": instant(8000)})
    data = answer.json(parse_float=Decimal)["data"]
    assert data["now"]["items"][0]["unit_price"] == PRICE
    assert data["simulated"]["items"][0]["unit_price"] == OWN_PRICE
    assert data["difference"]["item_total"] == Decimal("11.02")
