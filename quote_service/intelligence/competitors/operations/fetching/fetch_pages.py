"""Fetch a page or a feed, and read it.

Source: docs/spec/competitors.md#what-is-read; docs/spec/competitors.md#feeds.
"""

from quote_service.intelligence.competitors.model.reading.choose_offer import is_same_page
from quote_service.intelligence.competitors.model.reading.read_feed import FeedJob
from quote_service.intelligence.competitors.model.reading.read_page import PageJob
from quote_service.intelligence.competitors.model.reading.same_product import KnownProduct
from quote_service.intelligence.competitors.model.sources import FeedSettings, PageSettings
from quote_service.intelligence.competitors.operations.fetching.decode_body import GZIP, Undecodable, unpack
from quote_service.intelligence.competitors.operations.fetching.fetched import Asked, Fetched, challenged
from quote_service.intelligence.competitors.operations.fetching.polite_client import PoliteClient
from quote_service.intelligence.competitors.operations.reading.messages import Answer
from quote_service.intelligence.competitors.operations.reading.page_reader import PageReader
from quote_service.intelligence.competitors.tables.lanes import DueSource
from quote_service.intelligence.competitors.tables.listings import known_product
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.instants import from_micros

PAGE_BYTES_MAX = 8 * 1024 * 1024
FEED_BYTES_MAX = 32 * 1024 * 1024
_PAGES = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5"


class PageFetcher:
    """Fetches pages and feeds for one process."""

    def __init__(self, database: Database, client: PoliteClient, reader: PageReader, feeds: PageReader) -> None:
        """Take what it fetches and reads with; `feeds` reads what takes minutes, so that no page waits for it."""
        self._database = database
        self._client = client
        self._reader = reader
        self._feeds = feeds

    async def page(self, due: DueSource, page: PageSettings) -> Asked:
        """What came of a product page.

        Raises:
            Unavailable: PostgreSQL cannot be reached.
        """
        fetched = await self._client.get(due.lane, page.url, _asked(due, _PAGES), PAGE_BYTES_MAX)
        if fetched.outcome != "ok":
            return Asked(fetched)
        job = PageJob(
            body=fetched.body,
            content_type=fetched.headers.get("content-type", ""),
            url=page.url,
            currency=due.currency,
            country=due.country,
            sku=page.sku,
            gtin=page.gtin,
            when_several=page.when_several,
            price_selector=page.price_selector,
            list_price_selector=page.list_price_selector,
            availability_selector=page.availability_selector,
            prefers_selector=page.prefers_selector,
            at=from_micros(now_us()),
            moved_to=fetched.url,
            known=await self._known(due, page, fetched),
        )
        return _judged(fetched, await self._reader.read(job))

    async def feed(self, due: DueSource, feed: FeedSettings) -> Asked:
        """What came of a feed.

        Raises:
            Unavailable: As above.
        """
        assert feed.url is not None
        fetched = await self._client.get(due.lane, feed.url, _asked(due, "*/*"), FEED_BYTES_MAX)
        if fetched.outcome != "ok":
            return Asked(fetched)
        body = fetched.body
        if body.startswith(GZIP):  # a file that is packed, such as prices.csv.gz
            try:
                body = unpack(body, FEED_BYTES_MAX, "gzip")
            except Undecodable as refused:
                return Asked(fetched._replace(outcome="parse_error", detail=str(refused)))
        job = FeedJob(
            body=body,
            content_type=fetched.headers.get("content-type", ""),
            format=feed.format,
            currency=due.currency,
            country=due.country,
            fields=feed.fields,
            at=from_micros(now_us()),
        )
        return _judged(fetched, await self._feeds.read(job))

    async def _known(self, due: DueSource, page: PageSettings, fetched: Fetched) -> KnownProduct | None:
        """What a page that led elsewhere was about; None where it did not."""
        if is_same_page(page.url, fetched.url):
            return None
        async with self._database.read() as connection:
            return await known_product(connection, due.id, page.url, page.product_id, page.variant_id)


def _judged(fetched: Fetched, read: Answer) -> Asked:
    if fetched.may_be_challenge and read.outcome in ("no_price", "parse_error"):
        return Asked(challenged(fetched))
    return Asked(fetched, read)


def _asked(due: DueSource, accept: str) -> dict[str, str]:
    headers = {"Accept": accept}
    if due.etag is not None:
        headers["If-None-Match"] = due.etag
    if due.last_modified is not None:
        headers["If-Modified-Since"] = due.last_modified
    return headers
