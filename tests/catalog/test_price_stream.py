"""Prices as they move, over HTTP. Source: docs/spec/catalog.md#prices-as-they-move."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.catalog.shop import PRODUCTS, Shop, pointers
from tests.catalog.test_shown_prices import price, product, rule  # noqa: F401 (fixtures)
from tests.fixtures.service import Service
from tests.flash_sales.event_stream import EventStream
from tests.quotes.lifecycle.shop import until

STREAM = f"{PRODUCTS}/prices/stream"
Product = dict[str, Any]


def shown(event: Product) -> dict[tuple[str, str | None], Any]:
    return {(each["product_id"], each["variant_id"]): each["unit_price"] for each in event["prices"]}


def test_a_shopper_hears_of_each_price_that_moves_and_of_no_other(
    shop: Shop,
    service: Service,
    shopper: dict[str, str],
    product: Product,  # noqa: F811
) -> None:
    still, variant, unknown = shop.product(), product["variants"][0]["id"], str(uuid4())
    until(lambda: price(shop.http, still["id"]).status_code == 200, "the other product is known")
    items = f"{product['id']},{product['id']}/{variant},{still['id']},{unknown}"
    query = {"items": items, "currency": "TRY"}
    with (
        httpx.Client(base_url=service.url, headers=shopper) as client,
        EventStream(client, STREAM, **query) as stream,
    ):
        first = stream.next("prices")
        assert shown(first).items() >= {((product["id"], None), 100), ((product["id"], variant), 120)}
        assert unknown in [each["product_id"] for each in first["unavailable"]]
        shop.price(product, 90)
        moved = stream.until("prices", lambda event: (product["id"], None) in shown(event))
        assert shown(moved) == {(product["id"], None): 90}
        # Another program writes into the database.
        shop.sql(
            "UPDATE product_prices SET current_price = 85 WHERE product_id = $1 AND variant_id IS NULL", product["id"]
        )
        stream.until("prices", lambda event: shown(event).get((product["id"], None)) == 85)
        rule(shop, product["id"], "TIME_PRICE", {"adjustment": {"percent": -20}})
        stream.until("prices", lambda event: shown(event).get((product["id"], None)) == 68)
        sale = {
            "product_id": product["id"],
            "sale_price": 50,
            "currency": "TRY",
            "allocated_stock": 5,
            "per_customer_limit": 1,
        }
        made = shop.made(
            "/api/v1/flash-sales",
            {"name": "now", "starts_at": "2125-01-01T00:00:00Z", "ends_at": "2126-01-01T00:00:00Z", "items": [sale]},
        )
        assert shop.post(f"/api/v1/flash-sales/{made['id']}/activate", None).status_code == 200
        stream.until("prices", lambda event: shown(event).get((product["id"], None)) == 50)
        assert shop.post(f"/api/v1/flash-sales/{made['id']}/end", None).status_code == 200


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"currency": "TRY"}, "/query/items"),
        ({"currency": "TRY", "items": "one"}, "/query/items"),
        ({"currency": "TRY", "items": f"{uuid4()}/{uuid4()}/{uuid4()}"}, "/query/items"),
        ({"currency": "TRY", "items": ",".join(["0" * 32] * 101)}, "/query/items"),
        ({"currency": "XXQ", "items": "0" * 32}, "/query/currency"),
        ({"currency": "TRY", "items": "0" * 32, "region": "*/"}, "/query/region"),
    ],
    ids=["none", "no id", "three", "too many", "currency", "region"],
)
def test_what_cannot_be_followed_is_refused(shop: Shop, query: dict[str, str], pointer: str) -> None:
    assert pointers(shop.http.get(STREAM, params=query)) == [pointer]


def test_a_shopper_follows_for_nobody_else_and_has_ten_streams(
    service: Service,
    shopper: dict[str, str],
    product: Product,  # noqa: F811
) -> None:
    query = {"items": product["id"], "currency": "TRY"}
    with httpx.Client(base_url=service.url, headers=shopper, timeout=60) as client:
        assert client.get(STREAM, params={**query, "customer_id": str(uuid4())}).status_code == 403
        streams = [EventStream(client, STREAM, **query) for _ in range(10)]
        try:
            for each in streams:
                each.__enter__().next("prices")
            assert client.get(STREAM, params=query).status_code == 429
        finally:
            for each in streams:
                each.__exit__()
