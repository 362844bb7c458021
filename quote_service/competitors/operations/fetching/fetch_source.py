"""Fetch one source whose turn it is, from the request to the rows.

Source: docs/spec/competitors.md#outcomes.
"""

import hashlib
import time
from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

from quote_service.competitors.operations.fetching.decode_body import GZIP, Undecodable, unpack
from quote_service.competitors.operations.fetching.fetch_api import ApiFetcher
from quote_service.competitors.operations.fetching.fetched import Fetched
from quote_service.competitors.operations.fetching.polite_client import PoliteClient
from quote_service.competitors.operations.reading.messages import Answer
from quote_service.competitors.operations.reading.page_reader import PageReader
from quote_service.competitors.operations.take_offers import AT_ONCE, SeenOffer, take_offers
from quote_service.competitors.tables.lanes import DueSource, release_lane
from quote_service.competitors.tables.offers import confirm_offers
from quote_service.competitors.tables.sources import FetchToWrite, write_fetch
from quote_service.competitors.words.found_offers import FoundOffer
from quote_service.competitors.words.lanes import pace_of
from quote_service.competitors.words.outcomes import CONFIRMING, Outcome, lane_pause_seconds, next_interval_seconds
from quote_service.competitors.words.reading.read_feed import FeedJob
from quote_service.competitors.words.reading.read_page import PageJob
from quote_service.competitors.words.sources import DisabledReason, FeedSettings, PageSettings
from quote_service.postgres.pool import Database
from quote_service.system.clock import now_us
from quote_service.system.errors import Invalid
from quote_service.system.instants import from_micros
from quote_service.system.new_ids import new_id

PAGE_BYTES_MAX = 8 * 1024 * 1024
FEED_BYTES_MAX = 32 * 1024 * 1024
_PAGES = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5"
#: After these nothing is known of what stands there now, so that what the server told last time still tells it.
_WITHOUT_NEWS: frozenset[Outcome] = frozenset({"not_modified", "blocked", "timeout", "unreachable", "robots_denied"})


class SourceFetcher:
    """Fetches sources for one process."""

    def __init__(
        self, database: Database, client: PoliteClient, reader: PageReader, feeds: PageReader, apis: ApiFetcher
    ) -> None:
        """Take what it fetches and reads with; `feeds` reads what takes minutes, so that no page waits for it."""
        self._database = database
        self._client = client
        self._reader = reader
        self._feeds = feeds
        self._apis = apis

    async def fetch(self, due: DueSource) -> Outcome:
        """Fetch a source and write what came of it; its lane is let go.

        Raises:
            Unavailable: PostgreSQL cannot be reached; the source is due again when its claim is over.
        """
        begun, at, fetch_id = time.perf_counter(), from_micros(now_us()), UUID(new_id())
        taken, size = 0, 0
        details: list[str] = []
        digest = hashlib.sha256()
        fetched, read = Fetched("unreachable"), Answer()
        async for fetched, read in self._pages(due):
            if fetched.outcome == "ok":
                size += len(fetched.body)
                digest.update(fetched.body)
                try:
                    taken += await self._take(due, read.offers, fetch_id, at)
                except Invalid as refused:
                    fetched = fetched._replace(outcome="parse_error", detail=f"it cannot be kept: {refused.detail}")
                    break
                details.append(read.detail)
        is_told = fetched.outcome == "ok"
        outcome = fetched.outcome if not is_told else "ok" if taken else read.outcome
        detail = "; ".join(filter(None, details)) if is_told else fetched.detail
        fetch = FetchToWrite(
            id=fetch_id,
            source_id=due.id,
            at=at,
            outcome=outcome,
            detail=detail[:2000],
            is_confirming=outcome in CONFIRMING,
            version=due.version,
            url=fetched.url,
            status=fetched.status,
            seconds=time.perf_counter() - begun,
            size=size,
            sha256=digest.digest() if size else None,
            offers=taken,
            etag=_kept(due.etag, fetched, "etag", outcome),
            last_modified=_kept(due.last_modified, fetched, "last-modified", outcome),
            next_seconds=next_interval_seconds(outcome, due.interval_seconds, due.failures + 1),
            disabled=_disabled(fetched),
        )
        await self._settle(due, fetch, fetched)
        return outcome

    async def _pages(self, due: DueSource) -> AsyncIterator[tuple[Fetched, Answer]]:
        if due.page is not None:
            yield await self._page(due, due.page)
        elif due.feed is not None:
            yield await self._feed(due, due.feed)
        elif due.api is not None:
            async for each in self._apis.pages(due, due.api):
                yield each

    async def _page(self, due: DueSource, page: PageSettings) -> tuple[Fetched, Answer]:
        fetched = await self._client.get(due.lane, page.url, _asked(due, _PAGES), PAGE_BYTES_MAX)
        if fetched.outcome != "ok":
            return fetched, Answer()
        job = PageJob(
            body=fetched.body,
            content_type=fetched.headers.get("content-type", ""),
            url=page.url,
            currency=due.currency,
            sku=page.sku,
            gtin=page.gtin,
            when_several=page.when_several,
            price_selector=page.price_selector,
            list_price_selector=page.list_price_selector,
            availability_selector=page.availability_selector,
            prefers_selector=page.prefers_selector,
            at=from_micros(now_us()),
        )
        return fetched, await self._reader.read(job)

    async def _feed(self, due: DueSource, feed: FeedSettings) -> tuple[Fetched, Answer]:
        assert feed.url is not None
        fetched = await self._client.get(due.lane, feed.url, _asked(due, "*/*"), FEED_BYTES_MAX)
        if fetched.outcome != "ok":
            return fetched, Answer()
        body = fetched.body
        if body.startswith(GZIP):  # a file that is packed, such as prices.csv.gz
            try:
                body = unpack(body, FEED_BYTES_MAX, "gzip")
            except Undecodable as refused:
                return fetched._replace(outcome="parse_error", detail=str(refused)), Answer()
        job = FeedJob(
            body=body,
            content_type=fetched.headers.get("content-type", ""),
            format=feed.format,
            currency=due.currency,
            fields=feed.fields,
            at=from_micros(now_us()),
        )
        return fetched, await self._feeds.read(job)

    async def _take(self, due: DueSource, offers: list[FoundOffer], fetch_id: UUID, at: datetime) -> int:
        for start in range(0, len(offers), AT_ONCE):
            seen = [SeenOffer(offer, at) for offer in offers[start : start + AT_ONCE]]
            async with self._database.transaction() as connection:
                await take_offers(connection, due.id, due.competitor_id, due.page, seen, fetch_id=fetch_id, at=at)
        return len(offers)

    async def _settle(self, due: DueSource, fetch: FetchToWrite, fetched: Fetched) -> None:
        is_refused = fetch.outcome == "blocked"
        pause = lane_pause_seconds(fetch.outcome, due.refusals + 1, fetched.retry_after_seconds)
        usual = fetched.crawl_delay_seconds
        if due.api is not None:
            usual = max(usual, pace_of(due.api, self._client.terms.pace).seconds)
        async with self._database.transaction() as connection:
            if fetch.outcome == "not_modified":
                await confirm_offers(connection, due.id, fetch.at)
            await write_fetch(connection, fetch)
            await release_lane(connection, due, max(pause, usual), is_refused=is_refused)


def _asked(due: DueSource, accept: str) -> dict[str, str]:
    headers = {"Accept": accept}
    if due.etag is not None:
        headers["If-None-Match"] = due.etag
    if due.last_modified is not None:
        headers["If-Modified-Since"] = due.last_modified
    return headers


def _kept(former: str | None, fetched: Fetched, name: str, outcome: Outcome) -> str | None:
    """What to tell the server next time: what it said of what was read, or before, where this fetch brought nothing."""
    if outcome in _WITHOUT_NEWS:
        return former
    said = fetched.headers.get(name) if outcome == "ok" else None
    return said if said is not None and len(said) <= 500 and said.isascii() and said.isprintable() else None


def _disabled(fetched: Fetched) -> DisabledReason | None:
    if fetched.is_challenge:
        return "challenge"
    return "gone" if fetched.status == 410 else None
