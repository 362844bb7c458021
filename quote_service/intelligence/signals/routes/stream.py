"""Signals as they are raised and change, for a page that shows them.

Source: docs/spec/signals.md#notifications.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from uuid import UUID

import msgspec
from litestar.response import Stream

from quote_service.identity.streams.event_streams import while_admitted
from quote_service.intelligence.signals.model.signals import SignalKind, SignalRecord
from quote_service.intelligence.signals.operations.signal_news import SignalNews
from quote_service.intelligence.signals.routes import examples
from quote_service.intelligence.signals.tables.signals import SIGNAL_ROWS
from quote_service.platform.callers.access import SIGNAL_READERS
from quote_service.platform.documents.documents import write_document
from quote_service.platform.http.checked_filters import check_named
from quote_service.platform.http.endpoints.connections import Reading
from quote_service.platform.http.endpoints.endpoint import get
from quote_service.platform.http.parts import AnyRequest
from quote_service.platform.postgres.listed_rows import Wanted
from quote_service.platform.system.parts import Parts
from quote_service.shop.catalog.operations.require_product import require_product

_FIRST_MAX = 100
# A client that still listens then connects again, perhaps to another worker.
_STREAM_SECONDS = 900.0
_RETRY_MS = 2000
_EVENT = f"event: signals\ndata: {write_document({'signals': [examples.SIGNAL]}).decode()}\n\n"


class FollowedSignals(msgspec.Struct, frozen=True):
    """Which signals to follow."""

    kind: SignalKind | None = None
    """Only signals of this kind."""
    product_id: UUID | None = None
    """Only signals about this product."""


@get("/stream", access=SIGNAL_READERS, example=_EVENT, form="events")
async def stream_signals(
    request: AnyRequest,
    connection: Reading,
    news: SignalNews,
    parts: Parts,
    query: FollowedSignals,
) -> Stream:
    """Stream signals as they are raised and change.

    Server-sent events named `signals`, whose `data` has a list `signals`. The first has the latest 100 that are open; each that follows
    has those that were raised or have changed, within a second or two. The stream ends after 15 minutes, and when the credentials it was
    opened with expire or are revoked; connect again then.
    """
    number = news.number
    open_ones = {"status": "open", "kind": query.kind, "product_id": query.product_id}
    first = (await SIGNAL_ROWS.page(connection, Wanted(open_ones, limit=_FIRST_MAX))).rows
    if not first:
        await check_named(connection, product_id=(require_product, query.product_id))
    return Stream(
        while_admitted(request, _events(parts, query, first, number)),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _events(
    parts: Parts, wanted: FollowedSignals, first: list[SignalRecord], number: int
) -> AsyncGenerator[bytes, None]:
    clock, news = asyncio.get_running_loop().time, parts[SignalNews]
    ends_at = clock() + _STREAM_SECONDS
    reported = {each.id: each.version for each in first}
    with news.listeners.listening():
        yield f"retry: {_RETRY_MS}\n".encode() + _event(first)
        turn = -1
        while clock() < ends_at:
            await news.listeners.wait(turn)
            turn = news.listeners.turn
            changed = [
                each
                for each in news.since(number)
                if _concerns(each, wanted) and reported.get(each.id, 0) < each.version
            ]
            number = news.number
            reported.update((each.id, each.version) for each in changed)
            yield _event(changed) if changed else b": \n\n"


def _concerns(signal: SignalRecord, wanted: FollowedSignals) -> bool:
    return wanted.kind in (None, signal.kind) and wanted.product_id in (None, signal.product_id)


def _event(signals: Iterable[SignalRecord]) -> bytes:
    return b"event: signals\ndata: " + write_document({"signals": list(signals)}) + b"\n\n"
