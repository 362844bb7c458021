"""PostgreSQL stopped while a sale is on: quotes go on showing its price, and end with it by the clock all the same.

Source: docs/spec/quotes.md#when-a-dependency-is-unavailable; docs/spec/flash-sales.md#sale-prices-in-quotes.
"""

from __future__ import annotations

from typing import Any

from quote_service.lab.embedded.postgres_server import PostgresServer
from tests.fixtures.serve import QUOTE, Served, a_basket, until
from tests.flash_sales.sales import OnSale, Sales, instant


def test_a_sale_ends_though_postgres_is_away(service: Served, own_postgres: PostgresServer) -> None:
    with service.admin() as admin, service.checkout() as checkout:
        sales = Sales(admin, checkout)
        long, short = sales.on_sale(), sales.on_sale()
        lasting, ending = basket_of(long), basket_of(short)

        def source(basket: dict[str, Any]) -> str:
            answer = checkout.post(QUOTE, json=basket)
            assert answer.status_code == 200, answer.text
            return source_of(answer.json()["data"])

        def source_in_an_hour(basket: dict[str, Any]) -> str:
            answer = admin.post("/api/v1/quotes/simulate", json={**basket, "at": instant(5000)})
            return source_of(answer.json()["data"]["simulated"])

        until(lambda: [source(lasting), source(ending)] == ["flash_sale"] * 2, "both prices are shown")
        sales.rewrite(short, ends_at=instant(3))
        until(lambda: source_in_an_hour(ending) == "request", "its end is known")
        own_postgres.stop()
        try:
            until(lambda: source(ending) == "request", "the sale ends by the clock")
            assert source(lasting) == "flash_sale"
            assert source(basket_of(long)) == "flash_sale", "priced repeated, from what was read last"
            assert service.ready()["status"] == "degraded"
        finally:
            own_postgres.start()
        service.wait_until_ready()
        assert source(ending) == "request"
        assert sales.step(long.id, "end").status_code == 200
        until(lambda: source(lasting) == "request", "what changes is seen again")


def source_of(quote: dict[str, Any]) -> str:
    return str(quote["items"][0]["price_source"])


def basket_of(on: OnSale) -> dict[str, Any]:
    return a_basket(items=[{"product_id": on.product_id, "quantity": 1, "unit_price": 25.5}])
