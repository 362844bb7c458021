"""Sources that are fetched from a loopback shop, one turn at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import msgspec

from quote_service.intelligence.competitors.model.check_source import source_faults
from quote_service.intelligence.competitors.model.competitors import CompetitorDraft
from quote_service.intelligence.competitors.model.lanes import Pace
from quote_service.intelligence.competitors.model.listings import ListingRecord
from quote_service.intelligence.competitors.model.outcomes import Outcome
from quote_service.intelligence.competitors.model.sources import FetchRecord, SourceDraft, SourceRecord
from quote_service.intelligence.competitors.operations.competitors import COMPETITORS
from quote_service.intelligence.competitors.operations.credentials_seal import CredentialsSeal
from quote_service.intelligence.competitors.operations.fetching.fetch_api import ApiFetcher
from quote_service.intelligence.competitors.operations.fetching.fetch_pages import PageFetcher
from quote_service.intelligence.competitors.operations.fetching.fetch_source import SourceFetcher
from quote_service.intelligence.competitors.operations.fetching.polite_client import PoliteClient
from quote_service.intelligence.competitors.operations.fetching.watch_terms import WatchTerms
from quote_service.intelligence.competitors.operations.reading.page_reader import PageReader
from quote_service.intelligence.competitors.operations.write_source import create_source
from quote_service.intelligence.competitors.tables.lanes import claim_due
from quote_service.intelligence.competitors.tables.listings import LISTING_ROWS
from quote_service.intelligence.competitors.tables.sources import FETCH_ROWS, read_source
from quote_service.platform.documents.documents import read_value
from quote_service.platform.outbound.addresses import Networks
from quote_service.platform.outbound.client import OutboundClient
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.listed_rows import Wanted
from quote_service.platform.postgres.pool import Database
from quote_service.platform.resource.operations import create
from quote_service.platform.settings.keys import Key
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.new_ids import new_id

NETWORKS = Networks(("127.0.0.0/8",))
PACE = Pace(0.001, 3)
KEYS = (Key("a", bytes(32)),)


class Watch:
    """A database with one competitor, and what fetches its sources."""

    def __init__(self, database: Database, fetcher: SourceFetcher, reader: PageReader, competitor_id: UUID) -> None:
        self.database = database
        self.fetcher = fetcher
        self.reader = reader
        self.competitor_id = competitor_id

    async def source(self, kind: str, settings: dict[str, Any], **fields: Any) -> UUID:
        """A source that is due."""
        draft = read_value(
            {"competitor_id": str(self.competitor_id), "name": "of a test", "kind": kind, kind: settings, **fields},
            SourceDraft,
        )
        assert source_faults(draft, NETWORKS) == ()
        async with self.database.transaction() as connection:
            made = await create_source(
                Change.within(connection, change_by_system("test", now_us())), draft, CredentialsSeal(KEYS)
            )
        return made.id

    async def turn(self, source_id: UUID) -> Outcome:
        """Fetch a source now, whatever its pace."""
        async with self.database.transaction() as connection:
            await connection.execute("UPDATE competitor_sources SET due_at = NULL WHERE id <> $1", source_id)
            await connection.execute("UPDATE competitor_sources SET due_at = now() WHERE id = $1", source_id)
            await connection.execute(
                "UPDATE competitor_lanes SET paced_at = '-infinity', not_before = '-infinity', claimed_until = '-infinity'"
            )
        async with self.database.transaction() as connection:
            (due,) = await claim_due(
                connection, uuid4(), lanes=5, seconds=60, pace_seconds=PACE.seconds, burst=PACE.burst
            )
        return await self.fetcher.fetch(due)

    async def read(self, source_id: UUID) -> SourceRecord:
        async with self.database.read() as connection:
            return await read_source(connection, source_id)

    async def fetches(self, source_id: UUID) -> list[FetchRecord]:
        """Newest first."""
        async with self.database.read() as connection:
            return (await FETCH_ROWS.page(connection, Wanted({"source_id": source_id}, limit=10))).rows

    async def listings(self, source_id: UUID) -> list[ListingRecord]:
        async with self.database.read() as connection:
            return (await LISTING_ROWS.page(connection, Wanted({"source_id": source_id}, limit=200))).rows

    async def paused(self) -> dict[str, float]:
        """How long each lane is left alone, in seconds."""
        async with self.database.read() as connection:
            rows = await connection.fetch(
                "SELECT lane, extract(epoch FROM not_before - now())::float8 AS pause FROM competitor_lanes "
                "WHERE not_before > now()"
            )
        return {row["lane"]: row["pause"] for row in rows}


@asynccontextmanager
async def watching(
    database: Database,
    *,
    timeout_seconds: float = 60.0,
    reader: PageReader | None = None,
    feeds: PageReader | None = None,
) -> AsyncIterator[Watch]:
    """A watch over a database; what it opened is closed at the end."""
    terms = WatchTerms("quote-service-prices/1 (+https://us.example)", PACE, timeout_seconds)
    reader, client = reader or PageReader(), OutboundClient(NETWORKS, timeout_seconds)
    polite = PoliteClient(database, client, reader, terms)
    feeds = reader if feeds is None else feeds
    apis = ApiFetcher(database, polite, feeds, CredentialsSeal(KEYS))
    fetcher = SourceFetcher(database, PageFetcher(database, polite, reader, feeds), apis, PACE)
    async with database.transaction() as connection:
        draft = CompetitorDraft(name=f"rival {uuid4().hex}")
        made = await create(COMPETITORS, Change.within(connection, change_by_system("test", now_us())), draft)
    try:
        yield Watch(database, fetcher, reader, made.id)
    finally:
        await client.aclose()
        await reader.close()
        await feeds.close()


async def a_product(database: Database, name: str = "Thing", **attributes: Any) -> UUID:
    """A product of ours, which no source knows yet."""
    product_id = UUID(new_id())
    async with database.transaction() as connection:
        await connection.execute(
            "INSERT INTO products (id, sku, name, attributes, created_by, created_at, changed_by, updated_at) "
            "VALUES ($1, $2, $3, $4, 'test', now(), 'test', now())",
            product_id,
            f"SKU-{uuid4().hex}",
            name,
            msgspec.json.encode(attributes).decode(),
        )
    return product_id
