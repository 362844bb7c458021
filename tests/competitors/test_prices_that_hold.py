"""A competitor's price counts as long as it is said to hold, and as long as its source leads to where it was read.

Source: docs/spec/competitors.md#what-is-read; docs/spec/competitors.md#comparable-prices; docs/spec/competitors.md#competitors-and-sources.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from quote_service.intelligence.competitors.model.listings import ComparablePrice
from quote_service.intelligence.competitors.model.reading.periods import end_in_utc, read_period
from quote_service.intelligence.competitors.model.reading.read_page import PageJob
from quote_service.intelligence.competitors.model.sources import SourceDraft
from quote_service.intelligence.competitors.operations.compare_prices import prices_of_competitors
from quote_service.intelligence.competitors.operations.credentials_seal import CredentialsSeal
from quote_service.intelligence.competitors.operations.reading.messages import Answer, Job
from quote_service.intelligence.competitors.operations.reading.page_reader import PageReader
from quote_service.intelligence.competitors.operations.write_source import replace_source
from quote_service.platform.documents.documents import read_value
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.preconditions import UNCONDITIONAL
from tests.competitors.pages import html, json_ld, product
from tests.competitors.watching import KEYS, Watch, a_product, watching
from tests.webhooks.receiver import Received, Receiver, answer

TODAY = datetime.now(UTC).date()


def a_page(price: str, **more: Any) -> bytes:
    offer = {"@type": "Offer", "price": price, "priceCurrency": "EUR", **more}
    return html(json_ld(product(offer, name="Thing"))).encode()


def in_days(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


async def prices(watch: Watch, product_id: UUID) -> list[ComparablePrice]:
    async with watch.database.read() as connection:
        return await prices_of_competitors(connection, [product_id])


async def replaced(watch: Watch, source: UUID, settings: dict[str, Any], **fields: Any) -> None:
    draft = {"competitor_id": str(watch.competitor_id), "name": "repeated", "kind": "page", "page": settings, **fields}
    async with watch.database.transaction() as connection:
        change = change_by_system("somebody", now_us())
        wanted = read_value(draft, SourceDraft)
        await replace_source(Change.within(connection, change), source, wanted, CredentialsSeal(KEYS), UNCONDITIONAL)


def serve(shop: Receiver, *pages: bytes, **headers: str) -> list[Received]:
    """Serve one page after the other, the last for good; what was asked for comes to stand in the list."""
    left, asked = list(pages), []

    def answers(request: Received) -> bytes:
        if request.path == "/robots.txt":
            return answer(404)
        asked.append(request)
        if "if-none-match" in request.headers:
            return answer(304)
        return answer(200, left.pop(0) if len(left) > 1 else left[0], **headers)

    shop.answers = answers
    return asked


@pytest.mark.parametrize(
    ("until", "holds"),
    [
        (in_days(2), True),
        (in_days(-1), False),
        (f"{in_days(-2)}T23:59:59Z", False),
        (f"{in_days(2)}T00:00:00Z", True),
        ("9999-12-31", True),
        ("while stocks last", True),
        (None, True),
    ],
)
async def test_a_price_decides_nothing_behind_the_day_that_it_holds_until(
    watch: Watch, shop: Receiver, until: str | None, *, holds: bool
) -> None:
    ours = await a_product(watch.database)
    serve(shop, a_page("12.50"))
    source = await watch.source("page", {"url": shop.url(f"/{uuid4().hex}"), "product_id": str(ours)})
    await watch.turn(source)
    async with watch.database.transaction() as connection:  # days later
        await connection.execute(
            "UPDATE competitor_offers SET valid_until = $2 WHERE listing_id = (SELECT id FROM competitor_listings WHERE source_id = $1)",
            source,
            until,
        )
    (price,) = await prices(watch, ours)
    assert price.not_comparable == ([] if holds else ["stale"])
    assert (price.comparable_price is not None) == holds


async def test_a_day_is_meant_whole_in_utc(watch: Watch) -> None:
    reported = {
        at: await _ask(watch, "SELECT competitor_price_holds('2026-05-01', $1::text::timestamptz)", at)
        for at in ("2026-05-01T23:59:59Z", "2026-05-02T00:00:00Z", "2026-05-01T20:00:00-05:00")
    }
    assert list(reported.values()) == [True, False, False]


async def _ask(watch: Watch, query: str, *values: str) -> object:
    async with watch.database.read() as connection:
        return await connection.fetchval(query, *values)


async def test_what_a_page_says_of_the_end_of_its_price_is_kept_in_utc(watch: Watch, shop: Receiver) -> None:
    end = in_days(3)
    serve(
        shop,
        a_page("12.50", priceValidUntil=end),
        a_page("12.60", validThrough=f"{end}T23:00:00-05:00"),
        a_page("12.70"),
    )
    source = await watch.source("page", {"url": shop.url(f"/{uuid4().hex}")})
    reported = []
    for _ in range(3):
        assert await watch.turn(source) == "ok"
        (listing,) = await watch.listings(source)
        assert listing.offer is not None
        reported.append(listing.offer.valid_until)
    assert reported == [end, f"{in_days(4)}T04:00:00Z", None]


@pytest.mark.parametrize(
    ("limits", "is_asked_again"),
    [({}, False), ({"priceValidUntil": in_days(5)}, False), ({"validThrough": in_days(5)}, True), ({"validThrough": "x"}, False)],
)  # fmt: skip
async def test_a_page_whose_price_will_change_by_itself_is_read_again_though_it_stays_the_same(
    watch: Watch, shop: Receiver, limits: dict[str, str], *, is_asked_again: bool
) -> None:
    asked = serve(shop, a_page("12.50", **limits), ETag='"1"')
    source = await watch.source("page", {"url": shop.url(f"/{uuid4().hex}")})
    assert await watch.turn(source) == "ok"
    assert await watch.turn(source) == ("ok" if is_asked_again else "not_modified")
    assert ["if-none-match" in each.headers for each in asked] == [False, not is_asked_again]


async def test_a_feed_with_a_sale_to_come_is_read_again_though_it_stays_the_same(watch: Watch, shop: Receiver) -> None:
    head = "id,price,sale_price,sale_price_effective_date\n"
    for period, is_asked_again in ((f"{in_days(1)}/{in_days(2)}", True), (f"{in_days(-9)}/{in_days(-8)}", False)):
        asked = serve(shop, f"{head}A,15 EUR,10 EUR,{period}\nB,9 EUR,,\n".encode(), ETag='"1"')
        source = await watch.source("feed", {"format": "csv", "url": shop.url(f"/{uuid4().hex}")})
        for _ in range(2):
            await watch.turn(source)
        assert ["if-none-match" in each.headers for each in asked] == [False, not is_asked_again]


async def test_the_price_of_a_page_that_its_source_left_counts_for_no_product(watch: Watch, shop: Receiver) -> None:
    one, other = await a_product(watch.database), await a_product(watch.database)
    serve(shop, a_page("12.50"))
    first, second = shop.url(f"/{uuid4().hex}"), shop.url(f"/{uuid4().hex}")
    source = await watch.source("page", {"url": first, "product_id": str(one)})
    await watch.turn(source)
    assert [each.not_comparable for each in await prices(watch, one)] == [[]]
    await replaced(watch, source, {"url": second, "product_id": str(other)})
    assert await prices(watch, other) == []
    assert [each.not_comparable for each in await prices(watch, one)] == [["stale"]]
    await watch.turn(source)
    assert [each.not_comparable for each in await prices(watch, other)] == [[]]
    assert [each.not_comparable for each in await prices(watch, one)] == [["stale"]]


class Replacing(PageReader):
    """Somebody writes the source again while its page is read."""

    def __init__(self) -> None:
        super().__init__()
        self.replace: tuple[Watch, UUID, dict[str, Any]] | None = None

    async def read(self, job: Job) -> Answer:
        read = await super().read(job)
        if isinstance(job, PageJob) and self.replace is not None:
            watch, source, settings = self.replace
            self.replace = None
            await replaced(watch, source, settings, currency="CAD")
        return read


async def test_what_was_read_by_former_settings_is_no_price_of_the_source(database: Database, shop: Receiver) -> None:
    reader = Replacing()
    async with watching(database, reader=reader) as watch:
        one, other = await a_product(database), await a_product(database)
        serve(shop, html(json_ld(product({"@type": "Offer", "price": "$9.90"}, name="Thing"))).encode())
        url = shop.url(f"/{uuid4().hex}")
        source = await watch.source("page", {"url": url, "product_id": str(one)}, currency="USD")
        reader.replace = (watch, source, {"url": url, "product_id": str(other)})
        assert await watch.turn(source) == "unreachable"
        assert await prices(watch, one) == await prices(watch, other) == []
        (fetch,) = await watch.fetches(source)
        assert (fetch.detail, fetch.offers) == ("The source was changed while it was fetched", 0)
        due = (await watch.read(source)).next_fetch_at
        assert due is not None
        assert due <= datetime.now(UTC)
        assert await watch.turn(source) == "ok"
        assert [(each.currency, each.not_comparable) for each in await prices(watch, other)] == [("CAD", [])]


def test_periods_end_where_they_say() -> None:
    noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert end_in_utc("0001-01-01T00:00+14:00") == "0001-01-01T00:00+14:00"
    assert end_in_utc("9999-12-31T23:00-05:00") == "9999-12-31T23:00-05:00"
    assert end_in_utc(date(2026, 5, 1).isoformat()) == "2026-05-01"
    assert [read_period(begin, end).changes_after(noon) for begin, end in (
        ("", ""), ("2026-05-01", ""), ("", "2026-05-01"), ("2026-05-02", ""), ("", "2026-04-30"), ("x", "9999-12-31"),
    )] == [False, False, True, True, False, False]  # fmt: skip
