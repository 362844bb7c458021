"""What honouring the price of a quote cost or gained, against new quotes of the same basket.

Source: docs/spec/analytics.md#honoured-prices.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from quote_service.platform.postgres.pool import Database
from quote_service.quotes.reading.decode_basket import decode_basket
from quote_service.steering.analytics.operations.check_honoured import check_honoured
from quote_service.steering.analytics.operations.check_rollups import check_rollups
from quote_service.steering.analytics.operations.rebuild_rollups import rebuild_rollups
from tests.access.running import until
from tests.flash_sales.sales import a_sale, an_item
from tests.quotes.catalog.store import Store, a_line
from tests.quotes.lifecycle.conftest import StartWorker, shop_at, start_worker
from tests.quotes.lifecycle.shop import QUOTES

__all__ = ["start_worker"]


class Killed(Exception):
    """In the middle of the work."""


class Till:
    """A checkout that quotes, an admin who changes prices, and what is found of both."""

    def __init__(self, store: Store, database_url: str) -> None:
        self.store = store
        self.database_url = database_url

    def quote(self, basket: dict[str, Any]) -> dict[str, Any]:
        return self.store.quote(basket, **{"Cache-Control": "no-cache"})

    def moved(self, basket: dict[str, Any], field: str, value: Any) -> None:
        """Wait until new quotes of the basket have another amount."""
        until(lambda: amount(self.quote(basket), field) == Decimal(str(value)), f"{field} is {value}")

    def accept(self, quote: dict[str, Any]) -> None:
        answer = self.store.checkout.post(f"{QUOTES}/{quote['quote_id']}/accept")
        assert answer.status_code == 200, answer.text

    def sql(self, statement: str, *arguments: Any) -> list[tuple[Any, ...]]:
        async def work() -> list[tuple[Any, ...]]:
            connection = await asyncpg.connect(self.database_url)
            try:
                return [tuple(row) for row in await connection.fetch(statement, *arguments)]
            finally:
                await connection.close()

        return asyncio.run(work())

    def check(self) -> int:
        async def work() -> int:
            database = await Database.open(self.database_url)
            try:
                return await check_honoured(database, decode_basket, settle_seconds=-1)
            finally:
                await database.close()

        return asyncio.run(work())

    def wrong(self) -> list[str]:
        """What the check finds of sums that do not add up; those of earlier tests are gone, so quotes are fewer."""

        async def work() -> list[str]:
            database = await Database.open(self.database_url)
            try:
                found = [each.detail for each in (await check_rollups(database)).findings if each.check == "honoured"]
                return [detail for detail in found if "the changes make" in detail or "quarters of the day" in detail]
            finally:
                await database.close()

        return asyncio.run(work())

    def sums(self) -> tuple[Any, ...]:
        """accepted, not_compared, changed, more expensive, cheaper, cost, gain, commission."""
        (row,) = self.sql(
            "SELECT sum(accepted)::int, sum(not_compared)::int, sum(changed)::int, sum(dearer)::int, sum(cheaper)::int,"
            " sum(cost_minor)::int, sum(gain_minor)::int, sum(commission_minor)::int FROM honoured_quotes"
        )
        return row

    def effects(self) -> list[tuple[Any, ...]]:
        """kind, key, quotes, total, commission."""
        return self.sql(
            "SELECT kind, key, sum(quotes)::int, sum(total_minor)::int, sum(commission_minor)::int FROM honoured_effects"
            " GROUP BY kind, key ORDER BY kind, key"
        )


def amount(quote: dict[str, Any], field: str) -> Any:
    return quote["commission_breakdown"][field] if field == "total_commission" else quote[field]


def minor(quote: dict[str, Any], field: str = "total_amount") -> int:
    return int(amount(quote, field) * 100)


@pytest.fixture
def till(start_worker: StartWorker, database_url: str) -> Iterator[Till]:
    http = shop_at(start_worker()).admin
    till = Till(Store(http, database_url, http), database_url)
    yield till
    assert till.wrong() == []
    # One database for the module: the next test begins with nothing.
    while till.check():
        pass
    till.sql("DELETE FROM honoured_quotes")
    till.sql("DELETE FROM honoured_effects")
    http.close()


def next_version(till: Till, rule: dict[str, Any], configuration: dict[str, Any], **fields: Any) -> dict[str, Any]:
    names = ("name", "type", "currency", "region", "priority", "effective_from")
    draft = {**{name: rule[name] for name in names}, "configuration": configuration, **fields}
    answer = till.store.http.put(f"/api/v1/pricing-rules/{rule['id']}", json=draft)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["data"])


def a_basket(till: Till) -> dict[str, Any]:
    """Lines at 51.00 together that the catalog does not know."""
    return till.store.basket(a_line("0b9f3f1e-0000-4000-8000-000000000001", unit_price=25.5))


def test_a_fee_that_rose_and_a_quote_that_nothing_happened_to(till: Till) -> None:
    rule = till.store.rule("DELIVERY_FEE", {"base_fee": 10})
    basket = a_basket(till)
    till.moved(basket, "delivery_fee", 10)
    kept, other = till.quote(basket), till.quote(basket)
    till.accept(other)
    next_version(till, rule, {"base_fee": 25})
    till.moved(basket, "delivery_fee", 25)
    till.accept(kept)
    assert till.check() == 2
    assert till.sums() == (2, 0, 1, 1, 0, 1500, 0, 0)
    assert till.effects() == [("rule", rule["name"], 1, -1500, 0)]
    assert till.check() == 0, "each is compared once"


def test_changes_that_meet_add_up_to_the_whole(till: Till) -> None:
    seller = till.store.seller()
    promotion = till.store.rule("PROMOTION", {"kind": "percent", "value": 10})
    tax = till.store.rule("TAX", {"rate": 18})
    draft = {"commission_type": "PERCENTAGE", "seller_id": seller["id"], "effective_from": "2025-01-01T00:00:00Z"}
    rate = till.store.made("/api/v1/commission-rates", {**draft, "rate": 10})
    basket = {**a_basket(till), "seller_id": seller["id"]}
    till.moved(basket, "total_commission", "4.59")
    till.moved(basket, "tax_amount", "8.26")
    quote = till.quote(basket)
    next_version(till, tax, {"rate": 20})
    assert till.store.http.delete(f"/api/v1/pricing-rules/{promotion['id']}").status_code in (200, 204)
    put = till.store.http.put(f"/api/v1/commission-rates/{rate['id']}", json={**draft, "rate": 20})
    assert put.status_code == 200, put.text
    till.moved(basket, "total_commission", "10.20")
    till.moved(basket, "tax_amount", "10.20")
    till.accept(quote)
    again = till.quote(basket)
    assert till.check() == 1
    total, commission = (minor(quote, field) - minor(again, field) for field in ("total_amount", "total_commission"))
    assert till.sums() == (1, 0, 1, 1, 0, -total, 0, commission)
    effects = till.effects()
    assert {(kind, key) for kind, key, *_ in effects} == {
        ("rule", promotion["name"]),
        ("rule", tax["name"]),
        ("rate", put.json()["data"]["id"]),
    }
    assert [sum(column) for column in list(zip(*effects, strict=True))[3:]] == [total, commission]


def test_a_rule_that_begins_by_itself(till: Till) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=3)
    rule = till.store.rule("PROMOTION", {"kind": "percent", "value": 10}, effective_from=soon.isoformat())
    basket = a_basket(till)
    quote = till.quote(basket)
    till.moved(basket, "discount_amount", "5.10")
    till.accept(quote)
    assert till.check() == 1
    assert till.sums() == (1, 0, int(quote["discount_amount"] == 0), 0, 1, 0, 510, 0)
    assert till.effects() == [("rule", rule["name"], 1, 510, 0)]


def test_a_price_that_fell_and_one_that_came_back(till: Till) -> None:
    product, other = till.store.known(), till.store.known()
    basket = till.store.basket(a_line(product), a_line(other))
    quote = till.quote(basket)
    till.store.price(product, 80)
    till.store.price(other, 90)
    till.moved(basket, "total_amount", 340)
    till.store.price(other, 100)
    till.moved(basket, "total_amount", 360)
    till.accept(quote)
    assert till.check() == 1
    assert till.sums() == (1, 0, 1, 0, 1, 0, 4000, 0)
    assert till.effects() == [("price", product["id"], 1, 4000, 0)]


def test_a_sale_that_ended(till: Till) -> None:
    product = till.store.known()
    sale = till.store.made("/api/v1/flash-sales", a_sale(an_item(product_id=product["id"]), respects_min_price=False))
    assert till.store.http.post(f"/api/v1/flash-sales/{sale['id']}/activate").status_code == 200
    till.store.charged(product, 19.99)
    basket = till.store.basket(a_line(product))
    quote = till.quote(basket)
    assert till.store.http.post(f"/api/v1/flash-sales/{sale['id']}/end").status_code == 200
    till.store.charged(product, 100)
    till.accept(quote)
    assert till.check() == 1
    assert till.sums() == (1, 0, 1, 1, 0, 16002, 0, 0)
    assert till.effects() == [("flash_sale", sale["id"], 1, -16002, 0)]


def test_any_number_of_processes_compare_each_quote_once(till: Till) -> None:
    rule = till.store.rule("DELIVERY_FEE", {"base_fee": 10})
    basket = a_basket(till)
    till.moved(basket, "delivery_fee", 10)
    quotes = [till.quote(basket) for _ in range(12)]
    next_version(till, rule, {"base_fee": 11})
    till.moved(basket, "delivery_fee", 11)
    for quote in quotes:
        till.accept(quote)

    async def compare() -> int:
        taken = 0
        database = await Database.open(till.database_url)
        try:
            while await database_waits(database):
                found = await asyncio.gather(
                    *(check_honoured(database, decode_basket, limit=2, settle_seconds=-1) for _ in range(4))
                )
                taken += sum(found)
        finally:
            await database.close()
        return taken

    assert asyncio.run(compare()) == 12
    assert till.sums() == (12, 0, 12, 12, 0, 1200, 0, 0)
    assert till.effects() == [("rule", rule["name"], 12, -1200, 0)]

    async def rebuild() -> None:
        database = await Database.open(till.database_url)
        try:
            await rebuild_rollups(database, "UTC", from_orders=True)
        finally:
            await database.close()

    asyncio.run(rebuild())
    assert till.sums() == (None,) * 8
    assert till.wrong() == []
    while till.check():
        pass
    # What earlier tests accepted is compared again too.
    assert ("rule", rule["name"], 12, -1200, 0) in till.effects()


async def database_waits(database: Database) -> bool:
    async with database.read() as connection:
        return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM honoured_unchecked)"))


def test_what_is_undone_is_compared_again(till: Till) -> None:
    till.accept(till.quote(a_basket(till)))

    async def break_off() -> None:
        database = await Database.open(till.database_url)

        def killed(body: bytes) -> Any:
            raise Killed(f"in the middle of {len(body)} bytes")

        try:
            with pytest.raises(Killed):
                await check_honoured(database, killed, settle_seconds=-1)
        finally:
            await database.close()

    asyncio.run(break_off())
    assert till.sums() == (None,) * 8
    assert till.check() == 1
    assert till.sums() == (1, 0, 0, 0, 0, 0, 0, 0)


def test_a_coupon_that_the_quote_itself_used_up_is_no_other_price(till: Till) -> None:
    till.store.rule("COUPON", {"kind": "percent", "value": 10, "code": f"C{till.store.city[-6:]}", "usage_limit": 1})
    basket = {**a_basket(till), "coupon_codes": [f"C{till.store.city[-6:]}"]}
    till.moved(basket, "discount_amount", "5.10")
    quote = till.quote(basket)
    till.accept(quote)
    till.moved(basket, "discount_amount", 0)
    assert till.check() == 1
    assert till.sums() == (1, 0, 0, 0, 0, 0, 0, 0)


def test_a_quote_whose_request_is_not_kept_is_notified_of_and_not_compared(till: Till) -> None:
    quote = till.quote(a_basket(till))
    till.accept(quote)
    columns = [
        name
        for (name,) in till.sql(
            "SELECT column_name::text FROM information_schema.columns WHERE table_name = 'accepted_quotes'"
            " AND column_name NOT IN ('quote_id', 'request', 'rulebook_version') ORDER BY ordinal_position"
        )
    ]
    listed = ", ".join(columns)
    till.sql(
        f"INSERT INTO accepted_quotes (quote_id, {listed}) SELECT gen_random_uuid(), {listed} FROM accepted_quotes"
        " WHERE quote_id = $1::uuid",
        quote["quote_id"],
    )
    assert till.check() == 2
    assert till.sums() == (2, 1, 0, 0, 0, 0, 0, 0)
