"""Windows of the market: `/api/v1/market/windows` and `/api/v1/market/stream`.

Source: docs/spec/market-analysis.md#in-the-api.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

import msgspec

from quote_service.intelligence.market_analysis.model.windows.answers import MarketStream, MarketWindow
from quote_service.intelligence.market_analysis.operations.read_windows import (
    WindowFilter,
    WindowKey,
    engine_of_windows,
    page_of_windows,
    read_market_stream,
)
from quote_service.platform.callers.access import REPORT_READERS
from quote_service.platform.http.checked_filters import check_named
from quote_service.platform.http.cursors import Page
from quote_service.platform.http.endpoints.connections import Snapshot
from quote_service.platform.http.endpoints.endpoint import get
from quote_service.platform.http.endpoints.results import Cursor
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import Invalid
from quote_service.shop.catalog.operations.require_product import require_product

_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9999, 12, 1, tzinfo=UTC)
_DEFAULT: Final = timedelta(days=1)


class WindowsQuery(msgspec.Struct, frozen=True):
    """Which windows."""

    product_id: UUID | None = None
    """Only of this product."""
    currency: Annotated[str, msgspec.Meta(max_length=3)] | None = None
    """Only this currency (ISO 4217), and what shoppers did, which has none."""
    from_: Annotated[datetime, msgspec.Meta(tz=True)] | None = msgspec.field(default=None, name="from")
    """Windows that begin at this instant or later; by default a day before `to`."""
    to: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    """Windows that begin before this instant; by default all that there are."""


_Key = tuple[datetime, int, UUID, str]


def _wanted(page: Page[WindowsQuery, _Key], settings: Settings) -> WindowFilter:
    given = page.filters
    if given.currency is not None and given.currency not in EXPONENTS:
        raise Invalid.at("/query/currency", "is not an ISO 4217 currency code")
    until = _LAST if given.to is None else min(given.to, _LAST)
    if given.from_ is not None:
        since = given.from_
    else:
        end = datetime.now(UTC) if given.to is None else until
        since = max(end, _FIRST + _DEFAULT) - _DEFAULT
    if since >= until:
        if given.to is None:
            raise Invalid.at("/query/from", f"must be before {_LAST:%Y-%m-%d}")
        raise Invalid.at("/query/to", "must be after from")
    return WindowFilter(
        engine_of_windows(settings), max(since, _FIRST), max(until, _FIRST), given.product_id, given.currency
    )


def _after(page: Page[WindowsQuery, _Key]) -> WindowKey | None:
    if page.after is None:
        return None
    starts_at, width_seconds, product_id, currency = page.after
    if not _FIRST <= starts_at <= _LAST or not 1 <= width_seconds <= 86_400:
        raise Invalid.at("/query/cursor", "is not a cursor of this list")
    return WindowKey(starts_at, width_seconds, product_id, currency)


def _place_of(window: MarketWindow) -> tuple[str, int, str, str]:
    seconds = int((window.until - window.since).total_seconds())
    return window.since.isoformat(), seconds, str(window.product_id), window.currency or ""


@get(
    "/windows",
    access=REPORT_READERS,
    cursor=Cursor("market-windows", _place_of),
    dependencies={"wanted": _wanted, "after": _after},
    tag="Market",
)
async def list_windows(
    connection: Snapshot,
    settings: Settings,
    page: Page[WindowsQuery, _Key],
    wanted: WindowFilter,
    after: WindowKey | None,
) -> list[MarketWindow]:
    """List what happened to products by windows of a few minutes.

    The newest window first: moves of our price, observations of competitors, what shoppers did and price decisions, each by when it
    happened. Windows in which nothing happened are left out.
    """
    windows = await page_of_windows(connection, settings, wanted, after, page.limit + 1)
    if not windows:
        await check_named(connection, product_id=(require_product, wanted.product_id))
    return windows


@get("/stream", access=REPORT_READERS, message="Counting of windows", tag="Market")
async def show_stream(connection: Snapshot, settings: Settings) -> MarketStream:
    """Get how the counting of windows fares.

    What counts, its watermarks, and how many events were counted, came too late, or were ahead of the clock.
    """
    return await read_market_stream(connection, settings)
