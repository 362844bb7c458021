"""Signals: `/api/v1/signals`.

Source: docs/spec/signals.md#signals.
"""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, put
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
from quote_service.platform.documents.documents import read_document
from quote_service.platform.http.answers import page_answer, tagged_answer
from quote_service.platform.http.callers import change_of
from quote_service.platform.http.checked_filters import check_filters, check_named
from quote_service.platform.http.cursors import read_page
from quote_service.platform.http.openapi.described import VERSIONED, Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.shop.catalog.operations.require_product import require_product

_LIST = "signals"


@get(
    "/",
    opt={
        "access": SIGNAL_READERS,
        "described": Described(answer=SignalRecord, answer_example=examples.SIGNAL, form="list", query=SignalFilters),
    },
)
async def list_signals(request: Request[Any, Any, Any]) -> Response[bytes]:
    """List signals.

    Newest first.
    """
    page = read_page(request.scope["query_string"], _LIST, SignalFilters, tuple[UUID])
    asked = page.filters
    check_filters(since=asked.since, until=asked.until)
    before = None if page.after is None else page.after[0]
    async with parts_of(request)[Database].read() as connection:
        rows = await page_of_signals(connection, asked, before=before, limit=page.limit + 1)
        if not rows:
            await check_named(
                connection,
                product_id=(require_product, asked.product_id),
                competitor_id=(require_competitor, asked.competitor_id),
            )
    return page_answer(page, _LIST, rows, lambda row: (row.id,))


@get(
    "/{signal_id:uuid}",
    opt={
        "access": SIGNAL_READERS,
        "described": Described(
            answer=SignalDetail, answer_example=examples.DETAIL, message="Signal", headers=VERSIONED
        ),
    },
)
async def show_signal(request: Request[Any, Any, Any], signal_id: FromPath[UUID]) -> Response[bytes]:
    """Get a signal.

    With the observations, prices, stock or sales that it goes by.
    """
    async with parts_of(request)[Database].read() as connection:
        found = await read_signal(connection, signal_id)
    return tagged_answer(found, "Signal", found.id, found.version)


@put(
    "/{signal_id:uuid}/acknowledge",
    opt={
        "access": SIGNAL_WRITERS,
        "described": Described(
            body=Acknowledgement,
            body_example=examples.ACKNOWLEDGEMENT,
            answer=SignalDetail,
            answer_example=examples.ACKNOWLEDGED,
            message="Signal acknowledged",
            problems=(SignalAcknowledged,),
            headers=VERSIONED,
        ),
    },
)
async def acknowledge_one_signal(request: Request[Any, Any, Any], signal_id: FromPath[UUID]) -> Response[bytes]:
    """Acknowledge a signal.

    Notes who has seen it, and when. Sending the same again changes nothing; whoever comes second is told who was first. What
    the signal tells of goes on counting until it is over or expires.
    """
    given = read_document(await request.body(), Acknowledgement)
    async with parts_of(request)[Database].transaction() as connection:
        written = await acknowledge_signal(connection, change_of(request), signal_id, given)
    return tagged_answer(written, "Signal acknowledged", written.id, written.version)
