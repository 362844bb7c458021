"""Reports over HTTP: who may read them, what is refused, and what is answered as JSON and CSV.

Source: docs/spec/analytics.md#reports.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from quote_service.steering.analytics.tables.report_rows import FIGURES
from quote_service.steering.analytics.tables.rollups import add_rollups
from tests.catalog.shop import pointers
from tests.fixtures.service import Service

PATHS = ["pricing", "commission", "flags", "products/6f1c2d3e-0000-4000-8000-0000000000a3"]
# Of a month long ago: the session's own quotes are of today.
DAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=60)
PERIOD = {"from": str(DAY.date()), "to": str((DAY + timedelta(days=20)).date())}


async def put(service: Service, table: str, *rows: dict[str, Any]) -> None:
    """Add figures to rollups; a row says cube, keys, day and figures."""
    connection = await asyncpg.connect(service.database_url)
    try:
        for row in rows:
            names = FIGURES["orders" if table == "analytics_orders" else "quotes"]
            figures = {name: row.get(name, 0) for name in names}
            assert not row.keys() - {*names, "cube", "a", "b", "day", "currency"}
            at = DAY + timedelta(days=row.get("day", 0), hours=9)
            columns = ", ".join(f"{value}::bigint AS {name}" for name, value in figures.items())
            query = f"SELECT $2::text AS cube, $3::timestamptz AS minute, $4::text AS currency, $5::text AS key_a, $6::text AS key_b, {columns}"
            named = (row["cube"], at, row.get("currency", "EUR"), row.get("a", ""), row.get("b", ""))
            async with connection.transaction():
                await connection.execute("UPDATE analytics_state SET time_zone = coalesce(time_zone, 'UTC')")
                await add_rollups(connection, table, list(figures), query, "UTC", *named)
    finally:
        await connection.close()


def read(http: httpx.Client, path: str, **query: Any) -> dict[str, Any]:
    answer = http.get(f"/api/v1/analytics/{path}", params={**PERIOD, **query})
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = json.loads(answer.text, parse_float=Decimal)["data"]
    return data


def rows(http: httpx.Client, path: str, **query: Any) -> list[dict[str, str]]:
    answer = http.get(f"/api/v1/analytics/{path}", params={**PERIOD, **query}, headers={"Accept": "text/csv"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["vary"] == "Accept"
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


@pytest.mark.parametrize("path", PATHS[:3])
def test_who_may_read_reports(
    path: str, anonymous: httpx.Client, key_with: Callable[..., dict[str, str]], shopper: dict[str, str]
) -> None:
    url = f"/api/v1/analytics/{path}"
    assert anonymous.get(url).status_code == 401
    assert anonymous.get(url, headers=key_with("reports:read")).status_code == 200
    assert anonymous.get(url, headers=key_with("quote:write", "catalog:write")).status_code == 403
    assert anonymous.get(url, headers=shopper).status_code == 403


@pytest.mark.parametrize(
    ("path", "query", "where"),
    [
        ("pricing", "from=2026-02-30", "from"),
        ("pricing", "from=yesterday", "from"),
        ("pricing", "from=1999-12-31&to=2000-02-01", "from"),
        ("pricing", "from=2026-01-01T10:30:00Z&to=2026-01-02", "from"),
        ("pricing", "from=2026-01-02&to=2026-01-01T10:30:00Z", "to"),
        ("pricing", "from=2026-01-02&to=2026-01-02", "to"),
        ("pricing", "from=2150-01-01", "from"),
        ("pricing", "from=2020-01-01&to=2023-01-01", "from"),
        ("pricing", "from=2024-01-01&to=2025-06-01&group_by=day", "from"),
        ("pricing", "group_by=weather", "group_by"),
        ("pricing", "group_by=day,hour,region", "group_by"),
        ("pricing", "group_by=day,day", "group_by"),
        ("pricing", "group_by=region,tier&flag=a", "group_by"),
        ("pricing", "region=TR/Izmir&tier=a&flag=b", "tier"),
        ("pricing", "region=Istanbul", "region"),
        ("pricing", "seller=me", "seller"),
        ("pricing", "currency=XXX", "currency"),
        ("pricing", "sort=luck", "sort"),
        ("pricing", "limit=0", "limit"),
        ("pricing", "limit=501", "limit"),
        ("pricing", "group_by=day,region&limit=500", "limit"),
        ("pricing", "group_by=region,product&from=2026-01-01&to=2026-03-01", "from"),
        ("pricing", "format=pdf", "format"),
        ("pricing", "compare=never", "compare"),
        ("pricing", "tear=gold", "tear"),
        ("commission", "sort=quotes", "sort"),
        ("commission", "compare=previous", "compare"),
        ("flags", "region=TR/Izmir&tier=gold", "tier"),
        ("pricing", "limit=5.0", "limit"),
        ("pricing", "limit=1e2", "limit"),
        ("pricing", "region=TR/Izmir&region=TR/Rize", "region"),
        ("pricing", "time_zone=Mars/Olympus", "time_zone"),
        ("flags", "group_by=tier", "group_by"),
        ("flags", "flag=new=on", "flag"),
        ("flags", "flag=", "flag"),
        ("flags", f"tier={'x' * 301}", "tier"),
        ("honoured", "from=2026-01-02&to=2026-01-01", "to"),
        ("honoured", "from=2150-01-01", "from"),
        ("honoured", "from=2020-01-01&to=2023-01-01", "from"),
        ("honoured", "limit=2.5", "limit"),
        ("honoured", "region=TR/Izmir", "region"),
        ("flags", "from=2026-01-01&to=2026-06-01&group_by=day", "from"),
        (PATHS[3], "region=TR/Izmir", "region"),
        (PATHS[3], "from=2024-01-01&to=2025-06-01", "from"),
    ],
)
def test_what_a_report_refuses(admin: httpx.Client, path: str, query: str, where: str) -> None:
    assert pointers(admin.get(f"/api/v1/analytics/{path}?{query}")) == [f"/query/{where}"]


def test_every_fault_is_reported(admin: httpx.Client) -> None:
    answer = admin.get("/api/v1/analytics/pricing?from=never&group_by=weather&seller=me&currency=XXX")
    assert pointers(answer) == [f"/query/{name}" for name in ("group_by", "seller", "currency", "from")]


def test_hours_that_are_purged_are_not_made_up(admin: httpx.Client) -> None:
    long_ago = (datetime.now(UTC) - timedelta(days=500)).date()
    query = {"from": f"{long_ago}T05:00:00Z", "to": str(long_ago + timedelta(days=3))}
    assert pointers(admin.get("/api/v1/analytics/pricing", params=query)) == ["/query/from"]
    assert admin.get("/api/v1/analytics/pricing", params={**query, "from": str(long_ago)}).status_code == 200


def test_by_default_the_last_thirty_days(admin: httpx.Client) -> None:
    before = datetime.now(UTC)
    body = admin.get("/api/v1/analytics/pricing").json()["data"]
    end = datetime.fromisoformat(body["to"])
    assert before <= end <= datetime.now(UTC)
    assert datetime.fromisoformat(body["from"]).date() == end.date() - timedelta(days=29)
    assert (body["time_zone"], body["counts"], body["group_by"]) == ("UTC", "quotes", [])
    assert body["freshness"]["quotes_are_exact"] is False
    assert body["freshness"]["orders_are_exact"] is True
    assert body["freshness"]["quotes_until"] < body["freshness"]["read_at"]


async def test_what_was_quoted_and_sold(service: Service, admin: httpx.Client) -> None:
    tier = f"tier {uuid4()}"
    quotes = {"priced": 4, "quotes": 10, "local": 5, "redis": 1, "express": 1, "lines": 8, "units": 9, "latency_us": 25_000,
              "gross_minor": 10_001, "seller_discount_minor": 100, "platform_discount_minor": 50, "total_minor": 9_851,
              "latency_100us": 6, "latency_1ms": 3}  # fmt: skip
    orders = {"accepted": 2, "orders": 1, "units": 3, "gross_minor": 3_000, "seller_discount_minor": 30,
              "total_minor": 2_970, "reversed_total_minor": 70, "refunds": 1}  # fmt: skip
    for cube, keys in (("tier", {"a": tier}), ("region+tier", {"a": "TR/Izmir", "b": tier})):
        await put(service, "analytics_quotes", {"cube": cube, **keys, **quotes})
        await put(service, "analytics_orders", {"cube": cube, **keys, **orders})
    await put(service, "analytics_quotes", {"cube": "region+tier", "a": "", "b": tier, "currency": "TRY", "priced": 1})
    await put(service, "analytics_quotes", {"cube": "tier", "a": tier, "currency": "TRY", "priced": 1, "day": 3})
    reported = read(admin, "pricing", tier=tier, group_by="region")
    euro, lira = reported["currencies"]
    assert (euro["currency"], lira["currency"]) == ("EUR", "TRY")
    assert euro["groups"] == [{"keys": {"region": "TR/Izmir"}, "figures": euro["totals"]}]
    assert lira["groups"][0]["keys"] == {"region": None}
    quoted, sold = euro["totals"]["quoted"], euro["totals"]["sold"]
    assert (quoted["answers"], quoted["issued"], quoted["lines"], quoted["units"]) == (10, 4, 8, 9)
    assert (quoted["gross"], quoted["net"], quoted["total"]) == (Decimal("100.01"), Decimal("98.51"), Decimal("98.51"))
    assert (quoted["average_total"], quoted["express_share"]) == (Decimal("24.63"), Decimal("0.25"))
    assert (quoted["cache_hit_rate"], quoted["latency"]["mean_ms"]) == (Decimal("0.6"), Decimal("2.5"))
    assert (quoted["latency"]["up_to_1ms"], quoted["latency"]["longer"]) == (3, 1)
    assert (sold["conversion_rate"], sold["order_rate"]) == (Decimal("0.5"), Decimal("0.25"))
    assert (sold["net"], sold["average_order"], sold["net_revenue"]) == (
        Decimal("29.70"), Decimal("29.70"), Decimal("29.00"),
    )  # fmt: skip
    by_day = read(admin, "pricing", tier=tier, group_by="day,currency")["currencies"]
    days = [group["keys"] for block in by_day for group in block["groups"]]
    third = str((DAY + timedelta(days=3)).date())
    assert days == [{"day": str(DAY.date()), "currency": "EUR"}, {"day": third, "currency": "TRY"}]
    weekday = f"{DAY:%A}".lower()
    by_weekday = read(admin, "pricing", tier=tier, group_by="weekday,hour", currency="EUR")["currencies"][0]
    assert [group["keys"] for group in by_weekday["groups"]] == [{"weekday": weekday, "hour": 9}]
    as_csv = rows(admin, "pricing", tier=tier, group_by="region", currency="EUR")
    assert [(row["row"], row["region"]) for row in as_csv] == [("total", ""), ("group", "TR/Izmir")]
    assert {(row["quoted_gross"], row["sold_net_revenue"], row["time_zone"]) for row in as_csv} == {
        ("100.01", "29.00", "UTC")
    }
    assert as_csv[0]["quoted_price_sources_catalog"] == "0"
    compared = read(admin, "pricing", tier=tier, compare="previous")
    assert datetime.fromisoformat(compared["previous"]["to"]) == DAY
    assert compared["currencies"][0]["previous"]["sold"]["orders"] == 0


async def test_what_rules_took_off(service: Service, admin: httpx.Client) -> None:
    region = f"DE/{str(uuid4()).title()}"
    for rule, by_seller, by_platform in (("=SUM(1)", 10, 5), ("spring", 300, 0), ("vat", 0, 0)):
        figures = {"orders": 2, "seller_discount_minor": by_seller, "platform_discount_minor": by_platform}
        await put(service, "analytics_orders", {"cube": "region+rule", "a": region, "b": rule, **figures})
    await put(service, "analytics_orders", {"cube": "region", "a": region, "orders": 3})
    reported = read(admin, "pricing", region=region.lower())["currencies"][0]
    assert [(each["rule"], each["discount"]) for each in reported["discounts_by_rule"]] == [
        ("spring", Decimal("3.00")), ("=SUM(1)", Decimal("0.15")),
    ]  # fmt: skip
    by_rule = rows(admin, "pricing", region=region, group_by="rule", sort="discount")
    assert [row["rule"] for row in by_rule if row["row"] == "group"] == ["spring", "'=SUM(1)", "vat"]


async def test_what_was_earned(service: Service, admin: httpx.Client) -> None:
    tier = f"tier {uuid4()}"
    seller, category = str(uuid4()), str(uuid4())
    earned = {"orders": 4, "gross_minor": 11_000, "seller_discount_minor": 1_000, "seller_commission_minor": 600,
              "category_commission_minor": 300, "logistics_commission_minor": 100, "commission_base_minor": 10_000,
              "charges": 8, "clamped": 2, "clamped_commission_minor": 55, "commission_tax_minor": 200,
              "reversed_gross_minor": 1_000, "reversed_seller_commission_minor": 100}  # fmt: skip
    low = {"orders": 1, "seller_commission_minor": 100, "commission_base_minor": 4_000}
    before = {"orders": 1, "seller_commission_minor": 400, "commission_base_minor": 4_000, "day": -20}
    for cube, keys in (
        ("tier", {"a": tier}), ("seller+tier", {"a": seller, "b": tier}), ("category+tier", {"a": category, "b": tier}),
        ("region+tier", {"a": "TR/Izmir", "b": tier}),
    ):  # fmt: skip
        await put(service, "analytics_orders", {"cube": cube, **keys, **earned}, {"cube": cube, **keys, **before})
    await put(service, "analytics_orders", {"cube": "region+tier", "a": "", "b": tier, **low})
    reported = read(admin, "commission", tier=tier)["currencies"][0]
    totals = reported["totals"]
    assert (totals["commission"], totals["net_commission"]) == (Decimal("10.00"), Decimal("9.00"))
    assert (totals["average_rate"], totals["effective_take_rate"]) == (Decimal("0.1"), Decimal("0.1"))
    assert (totals["clamped_share"], totals["clamped_commission"]) == (Decimal("0.25"), Decimal("0.55"))
    assert (totals["commission_tax"], totals["reversed_commission"]) == (Decimal("2.00"), Decimal("1.00"))
    assert reported["previous"]["commission"] == Decimal("4.00")
    assert reported["by_category"] == [
        {"key": category, "commission": Decimal("10.00"), "average_rate": Decimal("0.1"), "difference_to_whole": 0}
    ]
    assert [(rate["key"], rate["average_rate"], rate["difference_to_whole"]) for rate in reported["by_region"]] == [
        ("TR/Izmir", Decimal("0.1"), 0), (None, Decimal("0.025"), Decimal("-0.075")),
    ]  # fmt: skip
    (up,) = reported["movers"]["up"]
    assert reported["movers"]["dimension"] == "seller"
    assert (up["key"], up["change"], up["change_share"]) == (seller, Decimal("6.00"), Decimal("1.5"))
    by_seller = rows(admin, "commission", tier=tier, group_by="seller")
    assert [(row["row"], row["seller"], row["commission"]) for row in by_seller] == [
        ("total", "", "10.00"), ("group", seller, "10.00"),
    ]  # fmt: skip
    assert read(admin, "commission", tier=tier, category=category)["currencies"][0]["by_region"] is None


async def test_adoption_of_flags(service: Service, admin: httpx.Client) -> None:
    tier, flag = f"tier {uuid4()}", f"flag-{uuid4()}"
    for currency, quotes in (("EUR", 7), ("TRY", 3)):
        await put(service, "analytics_quotes", {"cube": "tier", "a": tier, "currency": currency, "quotes": quotes})
    for variant, day, quotes, currency in (
        ("on", 0, 2, "EUR"),
        ("off", 0, 2, "EUR"),
        ("on", 1, 1, "EUR"),
        ("on", 1, 3, "TRY"),
    ):
        named = {"cube": "flag+tier", "a": f"{flag}={variant}", "b": tier, "day": day, "currency": currency}
        await put(service, "analytics_quotes", {**named, "quotes": quotes, "priced": quotes})
        await put(service, "analytics_orders", {**named, "accepted": 1, "orders": 1})
    reported = read(admin, "flags", tier=tier, group_by="day")
    assert (reported["answers"], reported["left_out"]) == (10, 0)
    (found,) = reported["flags"]
    assert (found["flag"], found["answers"], found["share_of_all"]) == (flag, 8, Decimal("0.8"))
    on, off = found["variants"]
    assert (on["variant"], on["answers"], on["share"]) == ("on", 6, Decimal("0.75"))
    assert (on["accepted"], on["conversion_rate"]) == (3, Decimal("0.5"))
    assert [(day["day"], day["answers"], day["share"]) for day in on["days"]] == [
        (str(DAY.date()), 2, Decimal("0.5")), (str((DAY + timedelta(days=1)).date()), 4, 1),
    ]  # fmt: skip
    assert len(off["days"]) == 1
    assert (on["orders"], [day["orders"] for day in on["days"]]) == (3, [1, 2])
    # The table says what the document says.
    table = [row for row in rows(admin, "flags", tier=tier, group_by="day") if row["variant"] == "on"]
    names = ("answers", "share", "issued", "accepted", "conversion_rate", "orders")
    assert [[row[name] for name in names] for row in table] == [
        [str(each[name]) for name in names] for each in (on, *on["days"])
    ]
    assert read(admin, "flags", flag=flag, tier=tier)["answers"] == 10
    as_csv = rows(admin, "flags", tier=tier, group_by="day")
    assert [(row["variant"], row["day"] != "", row["answers"]) for row in as_csv] == [
        ("on", False, "6"), ("on", True, "2"), ("on", True, "4"), ("off", False, "2"), ("off", True, "2"),
    ]  # fmt: skip


@pytest.fixture
def product_id(admin: httpx.Client) -> str:
    """A product of the catalog."""
    made = admin.post("/api/v1/products", json={"sku": f"SKU-{uuid4()}", "name": "Shoe"})
    assert made.status_code == 201, made.text
    found: str = made.json()["data"]["id"]
    return found


async def test_how_a_product_did(service: Service, admin: httpx.Client, product_id: str) -> None:
    path = f"products/{product_id}"
    empty = read(admin, path)
    assert (empty["product_id"], empty["currencies"]) == (product_id, [])
    for day in range(12):
        price, units = 900 + 20 * day, 40 - 2 * day
        await put(
            service,
            "analytics_quotes",
            {"cube": "product", "a": product_id, "day": day, "lines": 50, "units": 60, "gross_minor": 60 * price},
        )
        sold = {
            "accepted": units,
            "orders": units,
            "units": units,
            "gross_minor": units * price + 10,
            "platform_discount_minor": 10,
        }
        await put(service, "analytics_orders", {"cube": "product", "a": product_id, "day": day, **sold})
    await put(service, "analytics_quotes", {"cube": "product", "a": product_id, "day": 14, "lines": 5, "units": 5})
    (reported,) = read(admin, path)["currencies"]
    assert (reported["totals"]["views"], reported["totals"]["units"]) == (605, 348)
    first = reported["days"][0]
    assert first["day"] == str(DAY.date())
    assert (first["figures"]["quoted_price"], first["figures"]["price_paid"]) == (Decimal("9.00"), Decimal("9.00"))
    assert (first["figures"]["list_price"], first["figures"]["revenue"]) == (Decimal("9.0025"), Decimal("360.00"))
    assert first["figures"]["conversion_rate"] == Decimal("0.8")
    elasticity = reported["price_elasticity"]
    assert (elasticity["verdict"], elasticity["reason"]) == ("elastic", None)
    assert elasticity["low"] < elasticity["value"] < elasticity["high"] < -1
    assert (elasticity["days"], elasticity["days_without_orders"]) == (12, 1)
    assert (elasticity["lowest_price"], elasticity["highest_price"]) == (Decimal("9.00"), Decimal("11.20"))
    assert elasticity["price_variation"] == Decimal("0.244444")
    few = read(admin, path, to=str((DAY + timedelta(days=3)).date()))["currencies"][0]["price_elasticity"]
    assert (few["verdict"], few["reason"], few["value"]) == ("too_little_to_tell", "too_few_days", None)
    as_csv = rows(admin, path)
    assert [row["day"] for row in as_csv[:2]] == ["", str(date.fromisoformat(PERIOD["from"]))]
    assert as_csv[1]["price_paid"] == "9.00"


def test_a_product_that_nobody_knows(admin: httpx.Client) -> None:
    assert admin.get(f"/api/v1/analytics/{PATHS[3]}").status_code == 404


@pytest.mark.parametrize("name", ["seller", "category", "product", "rule", "flag", "tier"])
@pytest.mark.parametrize("path", ["pricing", "commission"])
def test_a_filter_that_nothing_was_counted_of_is_no_fault(admin: httpx.Client, path: str, name: str) -> None:
    query = {name: str(uuid4())}
    assert read(admin, path, **query)["currencies"] == []
    assert rows(admin, path, **query) == []
