"""Fetch one source whose turn it is, from the request to the rows.

Source: docs/spec/competitors.md#outcomes.
"""

import hashlib
import time
from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

from quote_service.intelligence.competitors.model.batches import Course, FetchBatch, joined, order_of_batches, sum_up
from quote_service.intelligence.competitors.model.found_offers import FoundOffer
from quote_service.intelligence.competitors.model.lanes import Pace, pace_of
from quote_service.intelligence.competitors.model.outcomes import (
    CONFIRMING,
    Outcome,
    lane_pause_seconds,
    next_interval_seconds,
    rest_seconds,
)
from quote_service.intelligence.competitors.model.sources import DisabledReason
from quote_service.intelligence.competitors.operations.fetching.connectors import ITEMS_AT_ONCE
from quote_service.intelligence.competitors.operations.fetching.fetch_api import ApiFetcher
from quote_service.intelligence.competitors.operations.fetching.fetch_pages import PageFetcher
from quote_service.intelligence.competitors.operations.fetching.fetched import Asked, Fetched
from quote_service.intelligence.competitors.operations.take_offers import AT_ONCE, SeenOffer, take_offers
from quote_service.intelligence.competitors.tables.lanes import DueSource, holds_settings, release_lane
from quote_service.intelligence.competitors.tables.offers import confirm_offers
from quote_service.intelligence.competitors.tables.sources import FetchToWrite, write_fetch
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Invalid, Stale
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.new_ids import new_id

#: After these nothing is known of what stands there now, so that what the server sent last time still shows it.
_WITHOUT_NEWS: frozenset[Outcome] = frozenset({"not_modified", "blocked", "timeout", "unreachable", "robots_denied"})


class SourceFetcher:
    """Fetches sources for one process."""

    def __init__(self, database: Database, pages: PageFetcher, apis: ApiFetcher, pace: Pace) -> None:
        """Take what it fetches with; `pace` is that of a host."""
        self._database = database
        self._pages = pages
        self._apis = apis
        self._pace = pace

    async def fetch(self, due: DueSource) -> Outcome:
        """Fetch a source and write what came of it; its lane is let go.

        Raises:
            Unavailable: PostgreSQL cannot be reached; the source is due again when its claim is over.
        """
        begun, at, fetch_id = time.perf_counter(), from_micros(now_us()), UUID(new_id())
        taken, size, wait = 0, 0, 0.0
        digest = hashlib.sha256()
        batches: list[FetchBatch] = []
        fetched, course = Fetched("unreachable"), Course("unreachable", "", True, due.next_batch)
        may_change, is_replaced = False, False
        async for each in self._asked(due):
            asked = _was_asked(due, each)
            fetched, wait, may_change = asked.fetched, asked.retry_after_seconds, asked.read.may_change
            outcome, detail, offers = asked.outcome, asked.detail, 0
            if fetched.outcome == "ok":
                size += len(fetched.body)
                digest.update(fetched.body)
                try:
                    offers = await self._take(due, asked.read.offers, fetch_id, at)
                except Invalid as failure:
                    outcome, detail = "parse_error", f"it cannot be kept: {failure.detail}"
                except Stale:
                    outcome, detail, is_replaced = "unreachable", "The source was changed while it was fetched", True
            taken += offers
            if asked.batch is None:
                course = Course(outcome, detail, True, due.next_batch)
            else:
                batches.append(_batch(due, asked.batch, outcome, detail, offers))
            if is_replaced:
                break
        if batches:
            course = sum_up(batches, _order(due))
        pause = lane_pause_seconds(course.outcome, due.refusals + 1, wait)
        fetch = FetchToWrite(
            id=fetch_id,
            source_id=due.id,
            at=at,
            outcome=course.outcome,
            detail=course.detail[:2000],
            is_confirming=taken > 0 or course.outcome in CONFIRMING,
            version=due.version,
            url=fetched.url,
            status=fetched.status,
            seconds=time.perf_counter() - begun,
            size=size,
            sha256=digest.digest() if size else None,
            offers=taken,
            etag=_kept(due.etag, fetched, "etag", course.outcome, may_change=may_change),
            last_modified=_kept(due.last_modified, fetched, "last-modified", course.outcome, may_change=may_change),
            next_seconds=_next_seconds(due, course, pause, has_news=taken > 0),
            disabled=_disabled(fetched),
            batches=joined(batches),
            next_batch=course.next_batch,
        )
        await self._settle(due, fetch, max(pause, fetched.crawl_delay_seconds))
        return course.outcome

    async def _asked(self, due: DueSource) -> AsyncIterator[Asked]:
        if due.page is not None:
            yield await self._pages.page(due, due.page)
        elif due.feed is not None:
            yield await self._pages.feed(due, due.feed)
        elif due.api is not None:
            async for each in self._apis.asked(due, due.api, _order(due)):
                yield each

    async def _take(self, due: DueSource, offers: list[FoundOffer], fetch_id: UUID, at: datetime) -> int:
        for start in range(0, len(offers), AT_ONCE):
            seen = [SeenOffer(offer, at) for offer in offers[start : start + AT_ONCE]]
            async with self._database.transaction() as connection:
                if not await holds_settings(connection, due):
                    raise Stale("The source has other settings by now")
                await take_offers(connection, due.id, due.competitor_id, due.page, seen, fetch_id=fetch_id, at=at)
        return len(offers)

    async def _settle(self, due: DueSource, fetch: FetchToWrite, pause_seconds: float) -> None:
        usual = 0.0 if due.api is None else pace_of(due.api, self._pace).seconds
        async with self._database.transaction() as connection:
            if fetch.outcome == "not_modified" and await holds_settings(connection, due):
                await confirm_offers(connection, due.id, fetch.at)
            await write_fetch(connection, fetch)
            await release_lane(connection, due, max(pause_seconds, usual), is_refused=fetch.outcome == "blocked")


def _was_asked(due: DueSource, asked: Asked) -> Asked:
    """A server that says `unchanged` to whoever has not asked whether it is has said nothing."""
    if asked.fetched.outcome != "not_modified" or due.etag is not None or due.last_modified is not None:
        return asked
    detail = "The server answered 304, which was not asked for"
    return asked._replace(fetched=asked.fetched._replace(outcome="parse_error", detail=detail))


def _order(due: DueSource) -> list[int]:
    return [] if due.api is None else order_of_batches(len(due.api.items), ITEMS_AT_ONCE, due.next_batch)


def _batch(due: DueSource, number: int, outcome: Outcome, detail: str, offers: int) -> FetchBatch:
    assert due.api is not None
    return FetchBatch(
        first_item=number * ITEMS_AT_ONCE + 1,
        last_item=min((number + 1) * ITEMS_AT_ONCE, len(due.api.items)),
        outcome=outcome,
        detail=detail[:500],
        offers=offers,
    )


def _next_seconds(due: DueSource, course: Course, pause_seconds: float, *, has_news: bool) -> float:
    """When it is fetched next: the rest of one that was stopped as soon as its lane may be used."""
    if not has_news:
        return next_interval_seconds(course.outcome, due.interval_seconds, due.failures + 1)
    return float(due.interval_seconds) if course.is_complete else rest_seconds(due.interval_seconds, pause_seconds)


def _kept(former: str | None, fetched: Fetched, name: str, outcome: Outcome, *, may_change: bool) -> str | None:
    """What to tell the server next time: what it said of what was read, or before, where this fetch brought nothing.

    Nothing where what was read may tell other prices later without being changed itself.
    """
    if outcome in _WITHOUT_NEWS:
        return former
    if may_change:
        return None
    said = fetched.headers.get(name) if outcome == "ok" else None
    return said if said is not None and len(said) <= 500 and said.isascii() and said.isprintable() else None


def _disabled(fetched: Fetched) -> DisabledReason | None:
    if fetched.is_challenge:
        return "challenge"
    return "gone" if fetched.status == 410 else None
