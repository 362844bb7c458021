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
from quote_service.intelligence.signals.tables.signals import SIGNAL_ROWS, read_signal
from quote_service.platform.callers.access import SIGNAL_READERS, SIGNAL_WRITERS
from quote_service.platform.http.checked_filters import check_filters, check_named
from quote_service.platform.http.endpoints.connections import Reading, WritingChange
from quote_service.platform.http.endpoints.endpoint import get, put
from quote_service.platform.http.endpoints.results import Tagged
from quote_service.platform.http.lists.listing import ListAnswer, Listing, ListRequest
from quote_service.platform.postgres.pool import Connection
from quote_service.shop.catalog.operations.require_product import require_product


async def _check(_: Connection, asked: SignalFilters) -> None:
    check_filters(since=asked.since, until=asked.until)


async def _check_named(connection: Connection, asked: SignalFilters) -> None:
    await check_named(
        connection,
        product_id=(require_product, asked.product_id),
        competitor_id=(require_competitor, asked.competitor_id),
    )


@get(access=SIGNAL_READERS, listing=Listing("signals", SIGNAL_ROWS, SignalFilters))
async def list_signals(rows: ListRequest[SignalRecord]) -> ListAnswer:
    """List signals.

    Newest first.
    """
    return await rows.answer(check=_check, check_empty=_check_named)


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
