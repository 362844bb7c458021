"""Signals: `/api/v1/signals`.

Source: docs/spec/signals.md#signals.
"""

from uuid import UUID

from litestar.params import FromPath

from quote_service.intelligence.competitors.operations.require_competitor import require_competitor
from quote_service.intelligence.signals.model.signals import (
    Acknowledgement,
    SignalAcknowledged,
    SignalDetail,
    SignalFilters,
    SignalRecord,
)
from quote_service.intelligence.signals.operations.acknowledge_signal import acknowledge_signal
from quote_service.intelligence.signals.routes import examples
from quote_service.intelligence.signals.tables.signals import page_of_signals, read_signal
from quote_service.platform.callers.access import SIGNAL_READERS, SIGNAL_WRITERS
from quote_service.platform.http.checked_filters import check_filters, check_named
from quote_service.platform.http.cursors import Page
from quote_service.platform.http.endpoints.connections import Reading, WritingChange
from quote_service.platform.http.endpoints.endpoint import get, put
from quote_service.platform.http.endpoints.results import Cursor, Tagged
from quote_service.shop.catalog.operations.require_product import require_product


@get(
    access=SIGNAL_READERS,
    cursor=Cursor("signals", ("id",)),
    check=lambda page: check_filters(since=page.filters.since, until=page.filters.until),
)
async def list_signals(connection: Reading, page: Page[SignalFilters, tuple[UUID]]) -> list[SignalRecord]:
    """List signals.

    Newest first.
    """
    asked = page.filters
    rows = await page_of_signals(connection, asked, before=page.after_id, limit=page.limit + 1)
    if not rows:
        await check_named(
            connection,
            product_id=(require_product, asked.product_id),
            competitor_id=(require_competitor, asked.competitor_id),
        )
    return rows


@get("/{signal_id:uuid}", access=SIGNAL_READERS, message="Signal")
async def show_signal(connection: Reading, signal_id: FromPath[UUID]) -> Tagged[SignalDetail]:
    """Get a signal.

    With the observations, prices, stock or sales that it goes by.
    """
    return await read_signal(connection, signal_id)


@put(
    "/{signal_id:uuid}/acknowledge",
    access=SIGNAL_WRITERS,
    example=examples.ACKNOWLEDGED,
    message="Signal acknowledged",
    problems=(SignalAcknowledged,),
)
async def acknowledge_one_signal(
    change: WritingChange, signal_id: FromPath[UUID], data: Acknowledgement
) -> Tagged[SignalDetail]:
    """Acknowledge a signal.

    Notes who has seen it, and when. Sending the same again changes nothing; whoever comes second is told who was first. What
    the signal tells of goes on counting until it is over or expires.
    """
    return await acknowledge_signal(change, signal_id, data)
