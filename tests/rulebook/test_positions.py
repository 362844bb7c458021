"""A write can be waited for, by whichever process is asked. Source: docs/spec/wire.md#positions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from quote_service.lab.embedded.valkey_server import ValkeyServer
from quote_service.platform.http.positions import is_followed
from tests.fixtures.serve import QUOTE, Served, served
from tests.flash_sales.sales import SALES, a_sale, an_item
from tests.http.openapi.described import document
from tests.quotes.lifecycle.shop import Shop, code_of

FLAGS = "/api/v1/feature-flags"


@pytest.fixture(scope="module")
def two(server_folder: Path, database_url: str, valkey_server: ValkeyServer) -> Iterator[Served]:
    """Two processes behind one port; each connection may reach either."""
    with served(server_folder, database_url, valkey_server.url, workers=2) as running:
        yield running


def ask(two: Served, method: str, path: str, position: str | None, **request: Any) -> httpx.Response:
    """A request on a connection of its own."""
    headers = {"X-API-Key": two.api_key, **({} if position is None else {"X-Min-Position": position})}
    with httpx.Client(base_url=two.url, timeout=60) as client:
        return client.request(method, path, headers=headers, **request)


def written(answer: httpx.Response) -> str:
    assert answer.status_code < 300, answer.text
    return answer.headers["x-position"]


@pytest.mark.parametrize("path", [QUOTE, f"{QUOTE}?way=ordinary"], ids=["in front of the framework", "through it"])
def test_a_quote_counts_a_rule_and_a_rate_that_were_written_just_now(two: Served, path: str) -> None:
    with two.admin() as admin, two.checkout() as checkout:
        for _ in range(3):
            shop = Shop(checkout, admin)
            rule = shop.rule("SMALL_BASKET_FEE", {"threshold": 1000, "fee": 7})
            written(admin.post("/api/v1/pricing-rules", json=rule))
            rate = {"commission_type": "PERCENTAGE", "seller_id": shop.seller, "rate": 10}
            rate["effective_from"] = "2025-01-01T00:00:00Z"
            position = written(admin.post("/api/v1/commission-rates", json=rate))
            for _ in range(3):
                data = ask(two, "POST", path, position, json=shop.basket()).json()["data"]
                assert (data["small_basket_fee"], data["commission_breakdown"]["total_commission"]) == (7, 5.1)


def test_a_flag_is_evaluated_and_a_price_is_charged_as_they_were_written_just_now(two: Served) -> None:
    with two.admin() as admin:
        key = f"flag_{uuid4().hex[:8]}"
        flag = {"key": key, "name": key, "type": "BOOLEAN", "value": True, "is_enabled": True}
        position = written(admin.post(FLAGS, json=flag))
        asked = {"context": {"targetingKey": str(uuid4())}}
        for _ in range(3):
            answer = two_evaluations(two, key, position, asked)
            assert (answer.status_code, answer.json()["value"]) == (200, True), answer.text
        made = admin.post(
            "/api/v1/products",
            json={"sku": key, "name": key, "prices": [{"currency": "TRY", "base_price": 12.5}]},
        )
        product = made.json()["data"]["id"]
        for _ in range(3):
            basket: dict[str, Any] = {
                "items": [{"product_id": product, "quantity": 1}],
                "customer_id": str(uuid4()),
                "currency": "TRY",
            }
            basket |= {"seller_id": str(uuid4()), "delivery_address": {"city": "Izmir", "country": "TR"}}
            quote = ask(two, "POST", QUOTE, written(made), json=basket)
            assert quote.status_code == 200, quote.text
            assert quote.json()["data"]["total_amount"] == 12.5


def test_a_flash_sale_is_charged_as_it_was_written_just_now(two: Served) -> None:
    with two.admin() as admin:
        for _ in range(3):
            item = an_item(sale_price=19.99)
            basket: dict[str, Any] = {
                "items": [{"product_id": item["product_id"], "quantity": 1, "unit_price": 25}],
                "customer_id": str(uuid4()),
                "seller_id": str(uuid4()),
                "currency": "TRY",
                "delivery_address": {"city": "Izmir", "country": "TR"},
            }

            def total(position: str, basket: dict[str, Any] = basket) -> set[float]:
                answers = [ask(two, "POST", QUOTE, position, json=basket) for _ in range(4)]
                return {answer.json()["data"]["total_amount"] for answer in answers}

            made = admin.post(SALES, json=a_sale(item))
            place = f"{SALES}/{made.json()['data']['id']}"
            assert total(written(made)) == {25}
            assert total(written(admin.post(f"{place}/activate"))) == {19.99}
            assert total(written(admin.post(f"{place}/end"))) == {25}


# Writes that no price goes by: of people and keys, of what competitors ask and what is decided from it, of what was sold, of events.
NOT_PRICED = (
    "analytics", "api-keys", "auth", "competitors", "event-bus", "ledger", "listings", "observations", "orders",
    "price-policies", "purchases", "quote", "quotes", "rulebook", "signal-thresholds", "signals", "sources", "telemetry",
    "users", "webhooks",
)  # fmt: skip


def test_every_write_that_prices_go_by_has_a_position() -> None:
    for path, operations in document()["paths"].items():
        area, _, rest = path.removeprefix("/api/v1/").partition("/")
        for method in operations.keys() & {"post", "put", "patch", "delete"}:
            is_other = path.startswith("/ofrep/") or area in NOT_PRICED
            is_other |= rest.rpartition("/")[2] in (
                "check", "evaluate", "preview", "purchases", "replay", "simulate", "what-if"
            )  # fmt: skip
            assert is_followed(method.upper(), path) is not is_other, (method, path)
            successes = [answer for status, answer in operations[method]["responses"].items() if status.startswith("2")]
            assert any("X-Position" in answer.get("headers", {}) for answer in successes) is not is_other, (
                method,
                path,
            )


def two_evaluations(two: Served, key: str, position: str, asked: Any) -> httpx.Response:
    with httpx.Client(base_url=two.url, timeout=60, headers={"Authorization": f"Bearer {two.admin_token}"}) as client:
        return client.post(f"/ofrep/v1/evaluate/flags/{key}", json=asked, headers={"X-Min-Position": position})


def test_a_position_rises(two: Served) -> None:
    with two.admin() as admin, two.checkout() as checkout:
        shop = Shop(checkout, admin)
        seen = [int(written(admin.post("/api/v1/pricing-rules", json=shop.rule("TAX", {"rate": 1})))) for _ in range(4)]
        assert sorted(set(seen)) == seen
        removed = admin.get(FLAGS)
        assert "x-position" not in removed.headers


@pytest.mark.parametrize("path", [QUOTE, f"{QUOTE}?way=ordinary"])
@pytest.mark.parametrize("bad", ["", "now", "-1", "1.5", "01", "9" * 19, "1, 2"])
def test_what_is_no_position_is_400_at_its_header(two: Served, path: str, bad: str) -> None:
    with two.checkout() as checkout:
        basket = Shop(checkout, checkout).basket()
        answer = checkout.post(path, json=basket, headers=[("X-Min-Position", bad)])
        assert answer.status_code == 400, answer.text
        assert code_of(answer) == "position-invalid"
        assert [each["pointer"] for each in answer.json()["errors"]] == ["/headers/x-min-position"]


@pytest.mark.parametrize("path", [QUOTE, f"{QUOTE}?way=ordinary"])
def test_what_is_not_reached_in_time_says_so(two: Served, path: str) -> None:
    with two.checkout() as checkout:
        basket = Shop(checkout, checkout).basket()
        answer = checkout.post(path, json=basket, headers={"X-Min-Position": "9" * 18})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1"), answer.text
        assert code_of(answer) == "position-not-reached"
        assert checkout.post(path, json=basket, headers={"X-Min-Position": "0"}).status_code == 200
