"""Figures of the market over HTTP, as an analysis left them. Source: docs/spec/market-analysis.md#in-the-api."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest

from quote_service.intelligence.market_analysis.operations.run_analysis import OVERLAP, run_analysis
from quote_service.platform.postgres.pool import Database
from tests.catalog.shop import a_product
from tests.competitors.test_matching import a_competitor, a_push_source, made, pushed
from tests.fixtures.service import Service
from tests.market_analysis.stored_market import TERMS

PATHS = ("trends", "demand", "distribution", "volatility")


@pytest.fixture(scope="module")
def analysed(service: Service, admin: httpx.Client) -> dict[str, str]:
    """A product at 20.00 with two competitors, one below and one above us; and orders of yesterday."""
    product = str(made(admin, "/api/v1/products", a_product(prices=[{"currency": "EUR", "base_price": 20}]))["id"])
    found = {"product": product}
    for name, price in (("below", "17.5"), ("above", "22")):
        found[name] = a_competitor(admin)
        source = a_push_source(admin, found[name])
        seen = datetime.now(UTC) - timedelta(minutes=1)
        pushed(
            admin,
            source,
            {"external_id": name, "price": price, "observed_at": seen.isoformat(), "url": "https://www.mall.example/1"},
        )
        (listing,) = admin.get("/api/v1/listings", params={"source_id": source}).json()["data"]
        matched = admin.put(f"/api/v1/listings/{listing['id']}/match", json={"product_id": product, "units": 1})
        assert matched.status_code == 200, matched.text

    # By the days of the service's reports: Berlin's are a day ahead in the last hour.
    terms = TERMS._replace(zone=ZoneInfo("UTC"))

    async def work() -> None:
        database = await Database.open(service.database_url, acquire_seconds=60, statement_seconds=60, lock_seconds=60)
        async with database.read() as connection:
            await connection.execute(
                "INSERT INTO analytics_orders (cube, grain, period, currency, key_a, key_b, orders, units, gross_minor) "
                "VALUES ('product', 'day', date_trunc('day', now()) - interval '1 day', 'EUR', $1, '', 2, 3, 5500)",
                str(UUID(product)),
            )
            # Other tests have left products by the thousand: as if a run had just been there, which did not know ours yet.
            await connection.execute(
                "INSERT INTO market_products (product_id, since, analysed_at) SELECT id, '2020-01-01', now() FROM products "
                "WHERE id <> $1 ON CONFLICT DO NOTHING",
                UUID(product),
            )
            await connection.execute(
                "INSERT INTO market_runs (id, scope, engine, status, started_at, finished_at, lease_until, day) VALUES "
                "(gen_random_uuid(), 'all', 'duckdb', 'done', now() + $1, now(), now(), current_date)",
                OVERLAP,
            )
        assert (await run_analysis(database, terms, "changed")).products > 0
        await database.close()

    asyncio.run(work())
    return found


def shown(client: httpx.Client, path: str, **filters: str) -> Any:
    answer = client.get(f"/api/v1/market/{path}", params=filters)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_trends_and_demand_of_a_product(admin: httpx.Client, analysed: dict[str, str]) -> None:
    trends = shown(admin, f"products/{analysed['product']}/trends")
    assert trends["freshness"]["analysed_at"] is not None
    (euros,) = trends["currencies"]
    today = euros["days"][-1]
    assert today["day"] == trends["freshness"]["day"]
    assert today["price"]["close"] == today["price"]["lowest_30_days"] == 20
    competitors = today["competitors"]
    assert (competitors["listings"], competitors["low"], competitors["high"]) == (2, 17.5, 22)
    assert (competitors["mean"], competitors["cheaper"], competitors["dearer"]) == (19.75, 1, 1)

    demand = shown(admin, f"products/{analysed['product']}/demand")
    (euros,) = demand["currencies"]
    assert (euros["units"], euros["revenue"]) == (3, 55)
    sold = [day for day in euros["days"] if day["units"]]
    assert [(day["orders"], day["price_paid"], day["units_28_days"]) for day in sold] == [(2, 18.333333, 3)]
    assert euros["days"][-1]["units_7_days"] == 3


def test_how_competitors_price(admin: httpx.Client, analysed: dict[str, str]) -> None:
    rivals = shown(admin, f"products/{analysed['product']}/distribution", currency="EUR")
    assert {each["key"]: (each["median"], each["price_index"], each["cheaper"]) for each in rivals} == {
        analysed["below"]: (17.5, 0.875, 1),
        analysed["above"]: (22, 1.1, 0),
    }
    (platform,) = shown(admin, f"products/{analysed['product']}/distribution", by="platform")
    assert (platform["name"], platform["listings"], platform["price_index"]) == ("mall.example", 2, 0.9875)
    whole = {each["key"]: each for each in shown(admin, "distribution", currency="EUR")}
    assert whole[analysed["below"]]["cheaper_share"] == 1
    assert whole[analysed["above"]]["products"] == 1


def test_products_by_how_much_they_vary(admin: httpx.Client, analysed: dict[str, str]) -> None:
    varied = shown(admin, f"products/{analysed['product']}/volatility")
    assert {(each["subject"], each["window_days"], each["variation"]) for each in varied} == {
        (subject, days, 0) for subject in ("own", "market", "competitor") for days in (30, 90)
    }
    seen: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = admin.get("/api/v1/market/volatility", params={"limit": "200", "subject": "market", **cursor}).json()
        seen += answer["data"]
        if answer["next_cursor"] is None:
            break
        cursor = {"cursor": answer["next_cursor"]}
    assert [each["variation"] for each in seen] == sorted((each["variation"] for each in seen), reverse=True)
    keys = [(each["product_id"], each["currency"]) for each in seen]
    assert len(set(keys)) == len(keys)
    assert (analysed["product"], "EUR") in keys
    runs = shown(admin, "runs")
    assert [(run["status"], run["engine"]) for run in runs if run["scope"] == "changed"] == [("done", "duckdb")]


def test_what_is_refused(admin: httpx.Client, analysed: dict[str, str]) -> None:
    for path in PATHS:
        missing = admin.get(f"/api/v1/market/products/{UUID(int=9)}/{path}")
        assert (missing.status_code, missing.json()["type"]) == (404, "/problems/not-found"), path
        refused = admin.get(f"/api/v1/market/products/{analysed['product']}/{path}", params={"currency": "XXL"})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/query/currency"), path
    trends = f"/api/v1/market/products/{analysed['product']}/trends"
    for filters, pointer in (
        ({"from": "2026-02-02", "to": "2026-02-02"}, "/query/to"),
        ({"from": "9999-12-31"}, "/query/from"),
        ({"to": "0001-01-01"}, "/query/to"),
        ({"from": "yesterday"}, "/query/from"),
    ):
        refused = admin.get(trends, params=filters)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer), filters
    assert admin.get(trends, params={"to": "0001-01-02"}).status_code == 200
