"""The loops of competitors in a background process.

Source: docs/spec/competitors.md#politeness; docs/spec/competitors.md#observations.
"""

import asyncio

import structlog

from quote_service.intelligence.competitors.operations.credentials_seal import CredentialsSeal
from quote_service.intelligence.competitors.operations.fetching.fetch_api import ApiFetcher
from quote_service.intelligence.competitors.operations.fetching.fetch_pages import PageFetcher
from quote_service.intelligence.competitors.operations.fetching.fetch_source import SourceFetcher
from quote_service.intelligence.competitors.operations.fetching.polite_client import PoliteClient
from quote_service.intelligence.competitors.operations.fetching.watch_terms import terms_of
from quote_service.intelligence.competitors.operations.fetching.watcher import POLL_SECONDS, Watcher, WatchMeters
from quote_service.intelligence.competitors.operations.propose_matches import LISTINGS_AT_ONCE, propose_matches
from quote_service.intelligence.competitors.operations.read_uploads import read_upload
from quote_service.intelligence.competitors.operations.reading.page_reader import PageReader
from quote_service.intelligence.competitors.operations.sweep_competitors import (
    ROWS_AT_ONCE,
    reseal,
    sweep_competitors,
)
from quote_service.platform.outbound.addresses import Networks
from quote_service.platform.outbound.client import OutboundClient
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.due_work import Pause
from quote_service.platform.system.errors import QuoteServiceError
from quote_service.platform.system.packages import IntelligencePackages, until_installed
from quote_service.platform.system.rounds import more_if, repeat_rounds
from quote_service.platform.telemetry.registry import Registry

SWEEP_SECONDS = 60.0
LOOK_SECONDS = 1.0
#: What the process that reads imports: the extra `intelligence`.
PACKAGES = ("extruct", "price_parser", "protego", "rapidfuzz", "selectolax", "w3lib")

_log = structlog.get_logger(__name__)


async def run_watcher(
    database: Database,
    settings: Settings,
    registry: Registry,
    packages: IntelligencePackages | None = None,
    *,
    poll_seconds: float = POLL_SECONDS,
    pause: Pause = asyncio.sleep,
) -> None:
    """Fetch for as long as the process runs; never returns."""
    await until_installed(packages, PACKAGES, "competitors_not_watched")
    terms, reader, feeds = terms_of(settings), PageReader(), PageReader()
    client = OutboundClient(Networks(settings.outbound_networks), terms.timeout_seconds)
    polite = PoliteClient(database, client, reader, terms)
    apis = ApiFetcher(database, polite, feeds, CredentialsSeal(settings.jwt_keys))
    fetcher = SourceFetcher(database, PageFetcher(database, polite, reader, feeds), apis, terms.pace)
    try:
        await Watcher(database, fetcher, terms, WatchMeters(registry), poll_seconds=poll_seconds, pause=pause).run()
    finally:
        await client.aclose()
        await reader.close()
        await feeds.close()


async def run_matcher(
    database: Database,
    packages: IntelligencePackages | None = None,
    *,
    look_seconds: float = LOOK_SECONDS,
    pause: Pause = asyncio.sleep,
) -> None:
    """Read uploads and propose matches for as long as the process runs; never returns."""
    await until_installed(packages, PACKAGES, "competitors_not_watched")
    reader = PageReader()

    async def work() -> float | None:
        is_much = await read_upload(database, reader)
        is_much |= await propose_matches(database, reader) == LISTINGS_AT_ONCE
        return more_if(is_much)

    try:
        # PostgreSQL may be unavailable, or a source was deleted meanwhile.
        await repeat_rounds("listings_not_matched", work, look_seconds, pause, refusals=QuoteServiceError)
    finally:
        await reader.close()


async def run_sweep(database: Database, settings: Settings, *, sweep_seconds: float = SWEEP_SECONDS) -> None:
    """Tidy up for as long as the process runs, again at once while there is much; never returns."""
    seal = CredentialsSeal(settings.jwt_keys)

    async def work() -> float | None:
        await reseal(database, seal)
        days = {"observation_days": settings.observation_keep_days, "fetch_days": settings.fetch_keep_days}
        return more_if(await sweep_competitors(database, **days) >= ROWS_AT_ONCE)

    await repeat_rounds("competitors_not_swept", work, sweep_seconds)
