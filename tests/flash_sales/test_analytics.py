"""The analytics of a sale over HTTP: a sale of long ago worked out by hand, and one that goes on.

Source: docs/spec/flash-sales.md#analytics.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from quote_service.lab.embedded.valkey_server import ValkeyServer
from quote_service.platform.postgres.migrate import migrate, migrations_folder
from quote_service.platform.postgres.pool import Database
from quote_service.platform.redis_store.connection import open_redis
from quote_service.platform.settings import Key, Settings
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Unavailable
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import (
    FlashSaleRuntime,
    open_flash_sale_runtime,
)
from quote_service.selling.flash_sales.operations.sales.report_views import MINUTE_US, ViewReport
from tests.access.running import UNLIMITED, running, until
from tests.fixtures.service import Service
from tests.flash_sales.sales import SALES, Sales, a_sale, an_item, code_of
from tests.quotes.lifecycle.shop import Shop

# Friday noon, three o'clock in Istanbul.
START = datetime(2024, 11, 29, 12, tzinfo=UTC)


@dataclass
class PastSale:
    """A sale of two hours, written as it would have been kept; `starts_at` of its own, so that sales do not meet."""

    connection: Any
    starts_at: datetime = START
    id: UUID = field(default_factory=uuid4)

    async def make(self, state: str = "ended", hours: float = 2) -> PastSale:
        ends_at = self.starts_at + timedelta(hours=hours)
        await self.connection.execute(
            "INSERT INTO flash_sales (id, name, state, starts_at, ends_at, created_by, created_at, changed_by, changed_at)"
            " VALUES ($1, 'past', $2, $3, $4, 'x', $3, 'x', $4)",
            self.id,
            state,
            self.starts_at,
            ends_at,
        )
        return self

    async def item(self, product_id: UUID, allocated: int, currency: str = "TRY") -> int:
        return int(
            await self.connection.fetchval(
                "INSERT INTO flash_sale_items (sale_id, product_id, currency, sale_price_minor, allocated,"
                " per_customer_limit, is_open, period)"
                " VALUES ($1, $2, $3, 100, $4, 10, false, tstzrange($5, $5)) RETURNING id",
                self.id,
                product_id,
                currency,
                allocated,
                self.starts_at,
            )
        )

    async def bought(self, item_id: int, after: float, units: int, minor: int, **columns: Any) -> None:
        """A purchase so many minutes after the sale's start."""
        status = columns.get("status", "confirmed")
        await self.connection.execute(
            "INSERT INTO flash_sale_purchases (id, item_id, sale_id, customer_id, idempotency_key, fingerprint, quantity,"
            " unit_price_minor, status, reason, admitted_by, epoch, reserved_at)"
            " VALUES ($1, $2, $3, $4, $5, 'x', $6, $7, $8, $9, 'postgres', 1, $10)",
            uuid4(),
            item_id,
            self.id,
            columns.get("customer", uuid4()),
            uuid4().hex,
            units,
            minor,
            status,
            "sold_out_after_recovery" if status == "rejected" else None,
            self.starts_at + timedelta(minutes=after),
        )

    async def viewed(self, item_id: int, *views: int) -> None:
        """So many views in each minute from the start on."""
        for place, count in enumerate(views):
            await self.connection.execute(
                "INSERT INTO flash_sale_views VALUES ($1, $2, $3)",
                item_id,
                self.starts_at + timedelta(minutes=place),
                count,
            )


def in_database(url: str, work: Callable[[Any], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        connection = await asyncpg.connect(url)
        try:
            return await work(connection)
        finally:
            await connection.close()

    return asyncio.run(run())


def analytics(client: httpx.Client, sale_id: object, **query: str) -> dict[str, Any]:
    answer = client.get(f"{SALES}/{sale_id}/analytics", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["data"])


@dataclass
class Worked:
    """A sale of two products in TRY and one in JPY; the first was on another sale two days before."""

    sale: UUID
    first: str
    second: str
    third: str


@pytest.fixture(scope="module")
def worked(service: Service) -> Worked:
    products = [uuid4() for _ in range(3)]

    async def make(connection: Any) -> UUID:
        earlier = await PastSale(connection, START - timedelta(days=2)).make()
        item = await earlier.item(products[0], 20)
        await earlier.bought(item, 10, 12, 20000)
        await earlier.bought(item, 20, 3, 20000, status="cancelled")
        long_ago = await PastSale(connection, START - timedelta(days=8)).make()
        await long_ago.bought(await long_ago.item(products[0], 9), 10, 9, 99999)
        euro = await PastSale(connection, START - timedelta(days=3)).make()
        await euro.bought(await euro.item(products[0], 9, "EUR"), 10, 9, 99999)

        sale = await PastSale(connection).make()
        first, second, third = [
            await sale.item(product, allocated, currency)
            for product, allocated, currency in zip(products, (20, 10, 3), ("TRY", "TRY", "JPY"), strict=True)
        ]
        loyal = uuid4()
        await sale.bought(first, 0.5, 2, 15000, customer=loyal)
        await sale.bought(first, 0.9, 2, 15000)
        await sale.bought(first, 30.1, 4, 15000)
        await sale.bought(first, 65, 5, 10000)  # the price was lowered
        await sale.bought(first, 90, 1, 15000, status="reserved")
        await sale.bought(first, 91, 2, 15000, status="rejected")
        await sale.bought(first, 92, 3, 15000, status="expired")
        await sale.bought(first, 93, 4, 15000, status="cancelled")
        await sale.bought(second, 30.2, 1, 3333, customer=loyal)
        await sale.bought(second, 30.3, 1, 3333)
        await sale.bought(second, 119, 1, 3334)
        await sale.bought(third, 1, 3, 500)
        await sale.viewed(first, 30, 10)
        await sale.viewed(second, 2)
        return sale.id

    return Worked(in_database(service.database_url, make), *map(str, products))


def test_the_figures_of_a_product(admin: httpx.Client, worked: Worked) -> None:
    first, second, third = analytics(admin, worked.sale)["products"]
    assert [each["product_id"] for each in (first, second, third)] == [worked.first, worked.second, worked.third]
    assert {name: first[name] for name in ("views", "purchases", "customers", "units", "allocated")} == {
        "views": 40,
        "purchases": 4,
        "customers": 4,
        "units": 13,
        "allocated": 20,
    }
    # 8 units at 150.00 and 5 at 100.00.
    assert (first["revenue"], first["average_order"], first["average_price"]) == (1700, 425, 130.769231)
    assert (first["conversion_rate"], first["sell_through"], first["revenue_share"]) == (0.1, 0.65, 0.944444)
    assert first["outcomes"] == {
        "confirmed": {"purchases": 4, "units": 13, "amount": 1700},
        "reserved": {"purchases": 1, "units": 1, "amount": 150},
        "rejected": {"purchases": 1, "units": 2, "amount": 300},
        "expired": {"purchases": 1, "units": 3, "amount": 450},
        "cancelled": {"purchases": 1, "units": 4, "amount": 600},
    }
    assert first["missing"] == {"sold_out_at": "units_left", "time_to_sell_out_seconds": "units_left"}
    # More purchases than quotes that showed the price: buyers need no quote.
    assert (second["conversion_rate"], second["average_order"]) == (None, 33.33)
    assert second["missing"]["conversion_rate"] == "more_purchases_than_views"
    assert (third["conversion_rate"], third["missing"]) == (None, {"conversion_rate": "no_views"})


def test_what_is_sold_out_says_how_fast(admin: httpx.Client, worked: Worked) -> None:
    *_, third = analytics(admin, worked.sale)["products"]
    assert (third["sold_out_at"], third["time_to_sell_out_seconds"]) == ("2024-11-29T12:01:00Z", 60)
    assert (third["sell_through"], third["revenue"], third["currency"]) == (1, 1500, "JPY")


def test_peaks_are_of_units_and_the_earliest_of_several(admin: httpx.Client, worked: Worked) -> None:
    reported = analytics(admin, worked.sale)
    first, second, _ = reported["products"]
    # Minutes 0 and 30 with 4 units each; 5 in minute 65.
    assert (first["peak_minute"]["starts_at"], first["peak_minute"]["units"]) == ("2024-11-29T13:05:00Z", 5)
    # The first hour with 8.
    assert first["peak_hour"] == {
        "starts_at": "2024-11-29T12:00:00Z",
        "local_time": "2024-11-29T12:00:00+00:00",
        "purchases": 3,
        "units": 8,
    }
    assert (second["peak_minute"]["starts_at"], second["peak_minute"]["units"]) == ("2024-11-29T12:30:00Z", 2)
    # All products: 4 + 1 + 1 in minute 30.
    assert (reported["peak_minute"]["starts_at"], reported["peak_minute"]["purchases"]) == ("2024-11-29T12:30:00Z", 3)
    assert (reported["peak_minute"]["units"], reported["peak_hour"]["units"]) == (6, 13)


def test_of_equal_peaks_the_earliest_is_reported(admin: httpx.Client, service: Service) -> None:
    async def make(connection: Any) -> UUID:
        sale = await PastSale(connection).make()
        item = await sale.item(uuid4(), 20)
        for minute in (75, 10, 10.5, 70, 70.5):
            await sale.bought(item, minute, 2, 100)
        await sale.bought(item, 11, 2, 100)
        return sale.id

    reported = analytics(admin, in_database(service.database_url, make))
    assert reported["peak_minute"]["starts_at"] == "2024-11-29T12:10:00Z"
    assert reported["peak_hour"]["starts_at"] == "2024-11-29T12:00:00Z"


def test_the_figures_of_a_sale_and_of_each_currency(admin: httpx.Client, worked: Worked) -> None:
    reported = analytics(admin, worked.sale)
    assert {
        name: reported[name] for name in ("state", "time_zone", "hours_on_sale", "views", "purchases", "customers")
    } == {
        "state": "ended",
        "time_zone": "UTC",
        "hours_on_sale": 2,
        "views": 42,
        "purchases": 8,
        "customers": 7,  # one bought two products
    }
    assert (reported["units"], reported["allocated"], reported["sell_through"]) == (19, 33, 0.575758)
    assert reported["conversion_rate"] == 0.190476
    assert (reported["sold_out_at"], reported["missing"]["sold_out_at"]) == (None, "units_left")
    lira, yen = reported["currencies"]
    assert (lira["currency"], lira["products"], lira["purchases"], lira["units"]) == ("TRY", 2, 7, 16)
    assert (lira["revenue"], lira["average_order"]) == (1800, 257.14)
    assert (yen["currency"], yen["revenue"], yen["average_order"]) == ("JPY", 1500, 1500)
    assert lira["outcomes"]["reserved"] == {"purchases": 1, "units": 1, "amount": 150}
    assert yen["outcomes"]["reserved"] == {"purchases": 0, "units": 0, "amount": 0}


def test_amounts_have_the_digits_of_their_currency(admin: httpx.Client, worked: Worked) -> None:
    text = admin.get(f"{SALES}/{worked.sale}/analytics").text
    assert '"currency":"TRY","products":2,"purchases":7,"units":16,"revenue":1800.00,"average_order":257.14' in text
    assert '"currency":"JPY","products":1,"purchases":1,"units":3,"revenue":1500,"average_order":1500' in text


def test_elasticity_against_an_earlier_sale(admin: httpx.Client, worked: Worked) -> None:
    reported = analytics(admin, worked.sale)
    first, second, _ = reported["products"]
    elasticity = first["price_elasticity"]
    assert elasticity["comparison"] == {
        "sale": {
            "starts_at": "2024-11-29T12:00:00Z",
            "ends_at": "2024-11-29T14:00:00Z",
            "hours": 2,
            "units": 13,
            "units_per_hour": 6.5,
            "average_price": 130.769231,
        },
        # Two whole days: the first unit was bought within the second before the sale. What was cancelled, paid in
        # another currency or bought more than a week before does not count.
        "before": {
            "starts_at": "2024-11-27T12:00:00Z",
            "ends_at": "2024-11-29T12:00:00Z",
            "hours": 48,
            "units": 12,
            "units_per_hour": 0.25,
            "average_price": 200,
        },
        "sources": {
            "earlier_sales": {"units": 12, "amount": 2400},
            "accepted_quotes": {"units": 0, "amount": 0},
        },
    }
    # (6.5 - 0.25) / 6.75 = 25/27; the price: (1700/13 - 200) / (1700/13 + 200) = -9/43.
    assert elasticity["value"] == round(-(25 / 27) * (43 / 9), 6) == -4.423868
    assert (elasticity["not_enough_data"], elasticity["units_wanted"]) == (None, 10)
    assert second["price_elasticity"]["not_enough_data"] == "no_units_before"
    [lira, yen] = [each["price_elasticity"] for each in reported["currencies"]]
    assert (lira["value"], lira["products_compared"], lira["sale"]["units"]) == (-4.423868, 1, 13)
    assert (yen["value"], yen["not_enough_data"], yen["sale"]) == (None, "no_units_before", None)


def test_the_time_zone_decides_days_and_hours(admin: httpx.Client, service: Service) -> None:
    async def make(connection: Any) -> UUID:
        sale = await PastSale(connection, datetime(2024, 11, 29, 18, 10, tzinfo=UTC)).make(hours=30)
        item = await sale.item(uuid4(), 50)
        await sale.bought(item, 0, 1, 100)  # 18:10
        await sale.bought(item, 12, 2, 100)  # 18:22; 00:07 in Kathmandu
        await sale.bought(item, 60, 2, 100)  # 19:10; 00:55 in Kathmandu
        await sale.bought(item, 6 * 60, 1, 100, status="cancelled")
        await sale.bought(item, 24 * 60, 3, 100)  # the next day
        return sale.id

    sale = in_database(service.database_url, make)

    def reported(**zone: str) -> tuple[list[tuple[str, int, float]], str, int]:
        [product] = analytics(admin, sale, **zone)["products"]
        days = [(each["day"], each["units"], each["revenue"]) for each in product["revenue_per_day"]]
        return days, product["peak_hour"]["local_time"], product["peak_hour"]["units"]

    assert reported() == ([("2024-11-29", 5, 5), ("2024-11-30", 3, 3)], "2024-11-29T18:00:00+00:00", 3)
    assert reported(time_zone="UTC") == reported()
    assert reported(time_zone="Asia/Kathmandu") == (
        [("2024-11-29", 1, 1), ("2024-11-30", 7, 7)],
        "2024-11-30T00:00:00+05:45",
        4,
    )


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("timezone=Mars/Olympus", "/query/time_zone"),
        ("timezone=", "/query/time_zone"),
        ("time_zone=Mars/Olympus", "/query/time_zone"),
        ("time_zone=../../etc/passwd", "/query/time_zone"),
        ("timezone=UTC&timezone=UTC", "/query/timezone"),
        ("timezone=" + "x" * 65, "/query/timezone"),
        ("limit=5", "/query/limit"),
        ("zone=UTC", "/query/zone"),
    ],
)
def test_a_query_that_says_nothing_is_refused(admin: httpx.Client, worked: Worked, query: str, pointer: str) -> None:
    answer = admin.get(f"{SALES}/{worked.sale}/analytics?{query}")
    assert (answer.status_code, code_of(answer)) == (422, "validation-error")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


def test_an_unknown_sale_is_404(admin: httpx.Client) -> None:
    answer = admin.get(f"{SALES}/{uuid4()}/analytics")
    assert (answer.status_code, code_of(answer)) == (404, "not-found")


def test_a_sale_that_never_began_has_no_figures(sales: Sales) -> None:
    sale = sales.create(a_sale(an_item(), an_item(allocated_stock=0, currency="JPY", sale_price=5)))
    for state in ("scheduled", "cancelled"):
        reported = analytics(sales.admin, sale["id"])
        assert (reported["state"], reported["hours_on_sale"], reported["purchases"], reported["customers"]) == (
            state,
            None,
            0,
            0,
        )
        assert [each["price_elasticity"]["not_enough_data"] for each in reported["products"]] == ["not_on_sale"] * 2
        assert [each["sell_through"] for each in reported["products"]] == [0, None]
        assert reported["products"][1]["missing"]["sell_through"] == "nothing_allocated"
        assert [each["revenue_per_day"] for each in reported["currencies"]] == [[], []]
        sales.step(sale["id"], "cancel")


def test_a_sale_called_off_was_on_sale_until_then(sales: Sales) -> None:
    on = sales.on_sale()
    before = analytics(sales.admin, on.id)
    sales.step(on.id, "cancel")
    after = analytics(sales.admin, on.id)
    assert 0 <= before["hours_on_sale"] <= after["hours_on_sale"] < 1
    assert analytics(sales.admin, on.id)["hours_on_sale"] == after["hours_on_sale"]
    assert after["products"][0]["price_elasticity"]["not_enough_data"] == "no_units_before"


def test_sums_beyond_64_bits_stay_exact(admin: httpx.Client, service: Service) -> None:
    price = 999_999_999_999_999  # 9 999 999 999 999.99

    async def make(connection: Any) -> UUID:
        sale = await PastSale(connection).make()
        item = await sale.item(uuid4(), 1_000_000)
        await sale.bought(item, 1, 1_000_000, price)
        return sale.id

    answer = admin.get(f"{SALES}/{in_database(service.database_url, make)}/analytics")
    assert answer.status_code == 200, answer.text
    assert f'"revenue":{price * 10_000}.00' in answer.text


def test_a_sale_that_goes_on_from_quote_to_elasticity(sales: Sales, shop: Shop) -> None:
    """Sold by quotes at 25.50 before, shown in quotes, bought at 19.99, and all of it counted."""
    product = str(uuid4())
    basket = {"items": [{"product_id": product, "quantity": 6, "unit_price": 25.5}]}
    for _ in range(2):
        accepted = shop.accept(shop.quote(**basket)["quote_id"])
        assert accepted.status_code == 200, accepted.text
    on = sales.on_sale(product_id=product, allocated_stock=12, per_customer_limit=12)
    shown = 0

    def source() -> str:
        nonlocal shown
        found = str(shop.quote(**basket)["items"][0]["price_source"])
        shown += found == "flash_sale"
        return found

    until(lambda: source() == "flash_sale", "quotes show the sale's price")
    assert [source() for _ in range(3)] == ["flash_sale"] * 3
    assert shop.accept(shop.quote(**basket)["quote_id"]).status_code == 200
    shown += 1
    for units in (5, 7):
        assert sales.buy(on, quantity=units, wait=10).json()["data"]["status"] == "confirmed"
    until(lambda: analytics(sales.admin, on.id)["views"] == shown, "the views are written")
    reported = analytics(sales.admin, on.id)
    [product_shown] = reported["products"]
    assert (reported["state"], reported["purchases"], reported["units"], reported["customers"]) == ("active", 2, 12, 2)
    assert product_shown["conversion_rate"] == round(2 / shown, 6)
    assert (product_shown["revenue"], product_shown["average_order"]) == (239.88, 119.94)
    assert product_shown["sell_through"] == 1
    assert product_shown["missing"] == {}
    compared = product_shown["price_elasticity"]["comparison"]
    # What was accepted at the sale's price becomes a purchase of the sale; before, that is one day and two quotes.
    assert compared["sources"]["accepted_quotes"] == {"units": 12, "amount": 306}
    assert (compared["before"]["hours"], compared["before"]["units_per_hour"]) == (24, 0.5)
    assert (compared["before"]["average_price"], compared["sale"]["average_price"]) == (25.5, 19.99)
    # As much in seconds as before in a day: (q1 - q0) / (q1 + q0) is all but 1, and the price is 5.51 below 45.49.
    begun, ended = (datetime.fromisoformat(compared["sale"][name]) for name in ("starts_at", "ends_at"))
    many = Fraction(12 * 3600 * 10**6, (ended - begun) // timedelta(microseconds=1))
    expected = (many - Fraction(1, 2)) / (many + Fraction(1, 2)) * Fraction(4549, -551)
    assert product_shown["price_elasticity"]["value"] == pytest.approx(float(expected), abs=1e-6)
    assert product_shown["time_to_sell_out_seconds"] <= (ended - begun).total_seconds()


@pytest.fixture
def shop(checkout: httpx.Client, admin: httpx.Client) -> Shop:
    return Shop(checkout, admin)


async def views_kept(database: Database) -> dict[int, int]:
    async with database.read() as connection:
        rows = await connection.fetch("SELECT item_id, sum(views)::int AS views FROM flash_sale_views GROUP BY item_id")
    return {row["item_id"]: row["views"] for row in rows}


async def two_items(database: Database) -> list[int]:
    async with database.transaction() as connection:
        sale = await PastSale(connection).make()
        return [await sale.item(uuid4(), 10) for _ in range(2)]


def a_runtime(database: Database, valkey_server: ValkeyServer) -> FlashSaleRuntime:
    return open_flash_sale_runtime(database, open_redis(valkey_server.url, 500))


async def test_processes_add_their_views(database: Database, valkey_server: ValkeyServer) -> None:
    one, other = await two_items(database)
    runtimes = [a_runtime(database, valkey_server) for _ in range(4)]
    reports = [ViewReport(runtime) for runtime in runtimes]
    for _ in range(5):
        for runtime in runtimes:
            runtime.shown.update({one: 3, other: 1})
        await asyncio.gather(*(report.write(now_us()) for report in reports))
    assert {item: views for item, views in (await views_kept(database)).items() if item in (one, other)} == {
        one: 60,
        other: 20,
    }
    assert [report.unwritten for report in reports] == [0] * 4


async def test_views_of_an_item_that_is_gone_stop_no_others(database: Database, valkey_server: ValkeyServer) -> None:
    one, _ = await two_items(database)
    runtime = a_runtime(database, valkey_server)
    runtime.shown.update({one: 2, 4_000_000_000: 9})
    await ViewReport(runtime).write(now_us())
    assert (await views_kept(database))[one] == 2


@pytest.mark.parametrize(("unwritten_max", "rows"), [(8, 8), (4, 4)])
async def test_views_wait_for_a_database_that_is_away(
    database: Database, valkey_server: ValkeyServer, unwritten_max: int, rows: int
) -> None:
    """Each minute keeps its own, until there are too many: then counts go on, and the minutes are given up."""
    items = await two_items(database)
    away = await Database.open("postgresql://nobody@127.0.0.1:1/none", acquire_seconds=0.5)
    runtime = a_runtime(away, valkey_server)
    report = ViewReport(runtime, unwritten_max)
    for minute in range(4):
        runtime.shown.update({items[0]: 3, items[1]: 1})
        with pytest.raises(Unavailable):
            await report.write(minute * MINUTE_US)
    assert report.unwritten == 16
    runtime.database = database
    await report.write(3 * MINUTE_US)
    async with database.read() as connection:
        kept = await connection.fetch("SELECT * FROM flash_sale_views WHERE item_id = ANY ($1)", items)
    assert len(kept) == rows
    assert [sum(row["views"] for row in kept if row["item_id"] == item) for item in items] == [12, 4]
    assert report.unwritten == 0
    await away.close()


@pytest.fixture
def worker_settings(database_url: str, valkey_server: ValkeyServer) -> Settings:
    return Settings(
        database_url=database_url,
        redis_url=valkey_server.url,
        jwt_keys=(Key("dev", b"j" * 32),),
        signing_keys=(Key("one", b"1" * 32),),
        receipt_keys=(Key("one", b"1" * 32),),
        development=True,
        **UNLIMITED,
        database_timeout_ms=1000,
    )


def test_a_worker_writes_what_it_has_counted_once_it_can_and_when_it_stops(
    database_url: str, worker_settings: Settings
) -> None:
    async def make(connection: Any) -> tuple[UUID, int]:
        sale = await PastSale(connection).make()
        return sale.id, await sale.item(uuid4(), 10)

    sale, item = in_database(database_url, make)
    with running(worker_settings) as worker:
        path, headers = f"{SALES}/{sale}/analytics", worker.as_role("analyst")

        async def while_locked(connection: Any) -> httpx.Response:
            async with connection.transaction():
                await connection.execute("LOCK TABLE flash_sale_views")
                worker.parts[FlashSaleRuntime].shown[item] += 7
                return await asyncio.to_thread(worker.http.get, path, headers=headers)

        answer = in_database(database_url, while_locked)
        assert (answer.status_code, code_of(answer)) == (503, "dependency-unavailable")
        assert "retry-after" in answer.headers
        until(lambda: '"views":7,' in worker.http.get(path, headers=headers).text, "the views are written")
        worker.parts[FlashSaleRuntime].shown[item] += 5

    async def kept(connection: Any) -> int:
        return int(await connection.fetchval("SELECT sum(views) FROM flash_sale_views WHERE item_id = $1", item))

    assert in_database(database_url, kept) == 12


async def test_quotes_accepted_before_the_migration_are_taken_along(
    new_empty_database_url: Callable[[], str], tmp_path: Path
) -> None:
    url = new_empty_database_url()
    for file in migrations_folder().glob("*.sql"):
        if file.name < "0041":
            shutil.copy(file, tmp_path)
    await migrate(url, tmp_path)
    product, lines = uuid4(), '"quantity":2,"line_total":51.00,"discount_amount":1.05,"price_source":"request"'
    data = f'{{"items":[{{"product_id":"{product}",{lines}}},{{"product_id":"{product}",{lines}}}]}}'
    connection = await asyncpg.connect(url)
    try:
        for days in (1, 8):
            await connection.execute(
                "INSERT INTO accepted_quotes SELECT gen_random_uuid(), NULL, NULL, 'TRY', 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,"
                " 0, '[]', '{}', $1, NULL, NULL, now(), now(), now() - $2::interval, 'x', 'key', 'x', 'x'",
                data.encode(),
                timedelta(days=days),
            )
        await migrate(url)
        rows = await connection.fetch("SELECT * FROM accepted_quote_lines ORDER BY line")
    finally:
        await connection.close()
    assert [(row["line"], row["product_id"], row["quantity"], row["net_minor"]) for row in rows] == [
        (1, product, 2, 4995),
        (2, product, 2, 4995),
    ]
