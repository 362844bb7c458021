"""Filters of the lists of price intelligence that cannot be meant so are told at the parameter.

Source: docs/spec/wire.md#lists.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.catalog.shop import a_product

SINCE, UNTIL = "2026-03-02T00:00:00Z", "2026-03-01T00:00:00Z"
#: Each list with the filters that name something, and further ones that it has.
NAMING = {
    "sources": ("competitor_id",),
    "listings": ("competitor_id", "source_id", "product_id"),
    "signals": ("product_id", "competitor_id"),
    "signals/stream": ("product_id",),
    "signal-thresholds": ("product_id", "category_id"),
    "decisions": ("product_id", "run_id"),
    "price-policies": ("product_id", "category_id"),
    "price-performance": ("product_id",),
    "market/windows": ("product_id",),
}
PERIODS = {
    "signals": ("from", "to"),
    "decisions": ("from", "to"),
    "price-performance": ("from", "to"),
    "market/windows": ("from", "to"),
    "behaviour/products": ("from", "to"),
}
CURRENCIES = (
    "decisions",
    "price-policies",
    "price-performance",
    "market/windows",
    "market/distribution",
    "market/volatility",
)
WORDS = {
    "sources": ("kind", "outcome"),
    "listings": ("match_status",),
    "signals": ("status", "kind"),
    "signal-thresholds": ("kind",),
    "decisions": ("status", "mode", "origin"),
    "price-policies": ("mode",),
    "price-experiments": ("status",),
    "event-bus/dead-letters": ("consumer_group", "topic", "status"),
    "behaviour/products": ("by",),
    "market/volatility": ("subject", "window_days"),
}


def pointers(admin: httpx.Client, path: str, **query: Any) -> set[str]:
    answer = admin.get(f"/api/v1/{path}", params=query)
    assert answer.status_code == 422, (path, query, answer.text)
    return {fault["pointer"] for fault in answer.json()["errors"]}


@pytest.mark.parametrize(("path", "names"), NAMING.items())
def test_what_is_not_there_is_reported(admin: httpx.Client, path: str, names: tuple[str, ...]) -> None:
    for name in names:
        assert pointers(admin, path, **{name: str(uuid4())}) == {f"/query/{name}"}
        assert pointers(admin, path, **{name: "7"}) == {f"/query/{name}"}
    assert pointers(admin, path, **{name: str(uuid4()) for name in names}) == {f"/query/{name}" for name in names}


@pytest.mark.parametrize(("path", "names"), PERIODS.items())
def test_a_period_that_ends_before_it_begins_is_reported(
    admin: httpx.Client, path: str, names: tuple[str, str]
) -> None:
    begin, end = names
    assert pointers(admin, path, **{begin: SINCE, end: UNTIL}) == {f"/query/{end}"}
    assert pointers(admin, path, **{begin: SINCE, end: SINCE}) == {f"/query/{end}"}
    assert pointers(admin, path, **{begin: "yesterday"}) == {f"/query/{begin}"}
    assert pointers(admin, path, **{begin: SINCE[:-1]}) == {f"/query/{begin}"}


@pytest.mark.parametrize("path", CURRENCIES)
@pytest.mark.parametrize("currency", ["eur", "ZZZ", "EURO", ""])
def test_a_currency_that_is_none_is_reported(admin: httpx.Client, path: str, currency: str) -> None:
    assert pointers(admin, path, currency=currency) == {"/query/currency"}


@pytest.mark.parametrize(("path", "names"), WORDS.items())
def test_a_word_that_is_not_known_is_reported(admin: httpx.Client, path: str, names: tuple[str, ...]) -> None:
    for name in names:
        assert pointers(admin, path, **{name: "other"}) == {f"/query/{name}"}


def test_what_is_there_may_be_asked_for(admin: httpx.Client) -> None:
    product = admin.post("/api/v1/products", json=a_product()).json()["data"]["id"]
    competitor = admin.post("/api/v1/competitors", json={"name": uuid4().hex}).json()["data"]["id"]
    for path, names in NAMING.items():
        if path == "signals/stream":
            continue
        known = {"product_id": product, "competitor_id": competitor}
        asked = {name: known[name] for name in names if name in known}
        answer = admin.get(f"/api/v1/{path}", params=asked)
        assert answer.status_code == 200, (path, answer.text)


def test_prices_are_compared_of_what_is_there(admin: httpx.Client) -> None:
    product = admin.post("/api/v1/products", json=a_product()).json()["data"]["id"]
    unknown = str(uuid4())
    assert pointers(admin, "competitor-prices", product_id=product, currency="eur") == {"/query/currency"}
    assert pointers(admin, "competitor-prices", product_id=product, competitor_id=unknown) == {"/query/competitor_id"}
    assert pointers(admin, "competitor-prices", product_id=unknown) == {"/query/product_id"}


def test_a_price_that_is_decided_names_a_currency_that_the_product_has(admin: httpx.Client) -> None:
    product = admin.post("/api/v1/products", json=a_product()).json()["data"]
    (sold,) = product["prices"]
    other = "KWD" if sold["currency"] != "KWD" else "EUR"
    for path in ("decisions", "decisions/what-if"):
        for currency, product_id, pointer in (
            ("eur", product["id"], "/currency"),
            ("ZZZ", product["id"], "/currency"),
            (other, product["id"], "/currency"),
            (sold["currency"], str(uuid4()), "/product_id"),
        ):
            body = {"product_id": product_id, "currency": currency, "price": 5}
            answer = admin.post(f"/api/v1/{path}", json=body)
            assert answer.status_code == 422, answer.text
            assert {fault["pointer"] for fault in answer.json()["errors"]} == {pointer}
    gone = admin.post("/api/v1/decisions/roll-back", json={"product_id": str(uuid4())})
    assert (gone.status_code, gone.json()["errors"][0]["pointer"]) == (422, "/product_id")
    retried = admin.post("/api/v1/event-bus/dead-letters/retry", json={"consumer_group": "nobody"})
    assert (retried.status_code, retried.json()["errors"][0]["pointer"]) == (422, "/consumer_group")
