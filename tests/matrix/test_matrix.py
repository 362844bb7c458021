"""The original's test matrix: every line of it a case against the running service.

Each case has a currency and ids of its own, and all of its rates and rules are for that currency alone, so that no case
sees another's. The expected figures are worked out by hand; the basket is 2 x 25.50 = 51.00 unless the case says else.

Source: spec 4, "The test matrix"; spec 3.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from tests.fixtures.service import start_development

Document = dict[str, Any]
PATIENCE_SECONDS = 15.0
PAST, FUTURE, LONG_AGO = "2024-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "2023-01-01T00:00:00Z"
# Two minor digits each; one a case.
CURRENCIES = iter(
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP "
    "CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF".split()
)
SELLER, CATEGORY = "a7c1e2d3-4b5a-4c6d-8e7f-9a0b1c2d3e4f", "11111111-1111-4111-8111-111111111111"
DIMENSIONS: dict[str, Document] = {
    "seller": {"seller_id": SELLER},
    "category": {"category_id": CATEGORY},
    "logistics": {"logistics_provider": "swift"},
}
COMBINATIONS = [
    ("seller",),
    ("category",),
    ("logistics",),
    ("seller", "category"),
    ("seller", "logistics"),
    ("category", "logistics"),
    ("seller", "category", "logistics"),
]
# From Beyoğlu to Kadıköy, as in the original example: 2.314838 km.
DELIVERY = {"city": "Istanbul", "district": "Beyoğlu", "country": "TR", "latitude": 41.0082, "longitude": 28.9784}
PICKUP = {"city": "Istanbul", "district": "Kadıköy", "country": "TR", "latitude": 41.0186, "longitude": 29.0023}


class Case(msgspec.Struct):
    """Rates and rules to set up, what the basket has of its own, and the figures that must come out."""

    name: str
    expected: dict[str, str]
    rates: list[Document] = []
    rules: list[Document] = []
    basket: Document = {}
    versions: list[Document] = []  # further versions of the first rule, written one after the other


def rate(percent: float, *dimensions: str, **more: Any) -> Document:
    named: Document = {}
    for dimension in dimensions:
        named |= DIMENSIONS[dimension]
    return {"commission_type": "PERCENTAGE", "rate": percent, "effective_from": PAST, **named, **more}


def rule(kind: str, configuration: Document, **more: Any) -> Document:
    return {"type": kind, "configuration": configuration, "effective_from": PAST, **more}


def combinations() -> Iterator[Case]:
    for named in COMBINATIONS:
        shown = {f"{dimension}_commission": "0.00" for dimension in DIMENSIONS}
        name = "+".join(named)
        ten = {**shown, "total_commission": "5.10", f"{named[0]}_commission": "5.10"}
        twelve = {**shown, "total_commission": "6.12", f"{named[0]}_commission": "6.12"}
        yield Case(f"commission by {name}", ten, rates=[rate(10, *named)])
        yield Case(
            f"commission by {name}, regional",
            twelve,
            rates=[rate(10, *named), rate(12, *named, region="TR/Istanbul"), rate(20, *named, region="TR/Ankara")],
        )


CASES = [
    *combinations(),
    Case("standard delivery", {"delivery_fee": "10.00"}, rules=[rule("DELIVERY_FEE", {"base_fee": 10})]),
    Case(
        # (15 + 2 x 2.314838) x 1.5 = 29.444514
        "express delivery",
        {"delivery_fee": "29.44"},
        rules=[
            rule("DELIVERY_FEE", {"base_fee": 10}),
            rule("EXPRESS_FEE", {"base_fee": 15.00, "multiplier": 1.5, "max_fee": 50.00, "distance_factor": 2.0}),
        ],
        basket={"is_express_delivery": True},
    ),
    Case(
        # 5 + 4 x (2.314838 - 1) = 10.259352
        "distance-based delivery",
        {"delivery_fee": "10.26"},
        rules=[rule("DELIVERY_FEE", {"base_fee": 5, "per_km": 4, "free_km": 1})],
    ),
    Case(
        "regional delivery",
        {"delivery_fee": "7.00"},
        rules=[
            rule("DELIVERY_FEE", {"base_fee": 10}),
            rule("DELIVERY_FEE", {"base_fee": 9}, region="TR"),
            rule("DELIVERY_FEE", {"base_fee": 7}, region="Istanbul"),
        ],
    ),
    Case(
        "small-basket fee",
        {"small_basket_fee": "7.50", "total_amount": "58.50"},
        rules=[rule("SMALL_BASKET_FEE", {"threshold": 60, "fee": 7.50})],
    ),
    Case(
        "no small-basket fee at the threshold",
        {"small_basket_fee": "0.00", "total_amount": "51.00"},
        rules=[rule("SMALL_BASKET_FEE", {"threshold": 51, "fee": 7.50})],
    ),
    Case(
        "free delivery",
        {"delivery_fee": "0.00", "total_amount": "51.00"},
        rules=[rule("DELIVERY_FEE", {"base_fee": 10}), rule("FREE_DELIVERY", {"min_subtotal": 50})],
    ),
    Case(
        "no free delivery below its minimum",
        {"delivery_fee": "10.00", "total_amount": "61.00"},
        rules=[rule("DELIVERY_FEE", {"base_fee": 10}), rule("FREE_DELIVERY", {"min_subtotal": 51.01})],
    ),
    Case("a current rule", {"tax_amount": "9.18"}, rules=[rule("TAX", {"rate": 18}, effective_to=FUTURE)]),
    Case("a future rule", {"tax_amount": "0.00"}, rules=[rule("TAX", {"rate": 18}, effective_from=FUTURE)]),
    Case(
        "an expired rule",
        {"tax_amount": "0.00"},
        rules=[rule("TAX", {"rate": 18}, effective_from=LONG_AGO, effective_to=PAST)],
    ),
    Case(
        "overlapping ranges: the later start wins",
        {"tax_amount": "10.20"},
        rules=[
            rule("TAX", {"rate": 18}, effective_from=LONG_AGO, effective_to=FUTURE),
            rule("TAX", {"rate": 20}, effective_from=PAST),
        ],
    ),
    Case(
        "version precedence: the highest that is effective",
        {"tax_amount": "10.20"},
        rules=[rule("TAX", {"rate": 18})],
        versions=[rule("TAX", {"rate": 20}), rule("TAX", {"rate": 25}, effective_from=FUTURE)],
    ),
    Case(
        "version precedence: a dated version over, the one below counts again",
        {"tax_amount": "9.18"},
        rules=[rule("TAX", {"rate": 18})],
        versions=[rule("TAX", {"rate": 20}, effective_from=LONG_AGO, effective_to=PAST)],
    ),
    Case(
        "a current, a future and an expired rate",
        {"total_commission": "5.10"},
        rates=[
            rate(10, "seller", effective_to=FUTURE),
            rate(30, "seller", effective_from=FUTURE),
            rate(40, "seller", effective_from=LONG_AGO, effective_to=PAST),
        ],
    ),
    Case(
        "overlapping rates: the later start wins",
        {"total_commission": "6.12"},
        rates=[
            rate(10, "seller", effective_from=LONG_AGO, priority=0),
            rate(12, "seller", effective_from=PAST, priority=1),
        ],
    ),
    Case(
        "city before country before default",
        {"tax_amount": "0.51", "delivery_fee": "3.00"},
        rules=[
            rule("TAX", {"rate": 18}),
            rule("TAX", {"rate": 8}, region="TR"),
            rule("TAX", {"rate": 1}, region="TR/istanbul"),
            rule("DELIVERY_FEE", {"base_fee": 10}),
            rule("DELIVERY_FEE", {"base_fee": 3}, region="TR/Istanbul"),
        ],
    ),
    Case(
        "country where no city is meant",
        {"tax_amount": "4.08"},
        rules=[
            rule("TAX", {"rate": 18}),
            rule("TAX", {"rate": 8}, region="TR"),
            rule("TAX", {"rate": 1}, region="TR/Izmir"),
        ],
    ),
    Case(
        "default where no region is meant",
        {"tax_amount": "9.18"},
        rules=[rule("TAX", {"rate": 18}), rule("TAX", {"rate": 8}, region="DE")],
    ),
    Case(
        "regional commission falls back to the global rate",
        {"total_commission": "5.10"},
        rates=[rate(10, "seller"), rate(12, "seller", region="TR/Ankara")],
    ),
    Case(
        "regional fees",
        {"small_basket_fee": "2.00", "delivery_fee": "4.00"},
        rules=[
            rule("SMALL_BASKET_FEE", {"threshold": 60, "fee": 7.50}),
            rule("SMALL_BASKET_FEE", {"threshold": 60, "fee": 2}, region="TR/Istanbul/Beyoglu"),
            rule("DELIVERY_FEE", {"base_fee": 10}, region="TR"),
            rule("DELIVERY_FEE", {"base_fee": 4}, region="TR/Istanbul/Beyoğlu"),
        ],
    ),
]


@pytest.fixture(scope="module")
def clients(server_folder: Path) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """An admin and a checkout of a service that no other test writes rules to."""
    started, service = start_development(server_folder / "matrix", "--no-seed")
    with service.admin() as admin, service.checkout() as checkout:
        yield admin, checkout
    started.stop()


@pytest.mark.parametrize(
    ("case", "currency"), list(zip(CASES, CURRENCIES, strict=False)), ids=lambda part: getattr(part, "name", part)
)
def test_matrix(clients: tuple[httpx.Client, httpx.Client], case: Case, currency: str) -> None:
    admin, checkout = clients
    for each in case.rates:
        created(admin.post("/api/v1/commission-rates", json={**each, "currency": currency}))
    for place, each in enumerate(case.rules):
        row = created(
            admin.post("/api/v1/pricing-rules", json={**each, "name": f"{currency} {place}", "currency": currency})
        )
        for version in case.versions:
            draft = {**version, "name": f"{currency} {place}", "currency": currency}
            answer = admin.put(f"/api/v1/pricing-rules/{row['id']}", json=draft)
            assert answer.status_code == 200, answer.text
            row = answer.json()["data"]
    basket = {
        "customer_id": str(uuid4()),
        "seller_id": SELLER,
        "items": [{"product_id": str(uuid4()), "quantity": 2, "unit_price": 25.50, "category_id": CATEGORY}],
        "delivery_address": DELIVERY,
        "pickup_address": PICKUP,
        "logistics_provider": "swift",
        "currency": currency,
        **case.basket,
    }
    wanted = {name: Decimal(figure) for name, figure in case.expected.items()}
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (figures := figures_of(checkout, basket, wanted)) != wanted and time.monotonic() < deadline:
        time.sleep(0.05)  # what was written is visible within a second; nothing tells when
    assert figures == wanted


def figures_of(checkout: httpx.Client, basket: Document, wanted: dict[str, Decimal]) -> dict[str, Decimal]:
    answer = checkout.post("/api/v1/quote", json=basket, headers={"Cache-Control": "no-cache"})
    assert answer.status_code == 200, answer.text
    data = msgspec.json.decode(answer.content, type=Answer).data
    figures = {**data, **data["commission_breakdown"]}
    return {name: Decimal(str(figures[name])) for name in wanted}


class Answer(msgspec.Struct):
    data: Document


def created(answer: httpx.Response) -> Document:
    assert answer.status_code == 201, answer.text
    data: Document = answer.json()["data"]
    return data
