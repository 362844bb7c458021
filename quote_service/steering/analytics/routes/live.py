"""What goes on now: once, or as it goes.

Source: docs/spec/analytics.md#live-figures.
"""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
from litestar.response import Stream

from quote_service.identity.streams.event_streams import while_admitted
from quote_service.platform.callers.access import REPORT_READERS
from quote_service.platform.documents.documents import write_document
from quote_service.platform.http.cursors import read_filters
from quote_service.platform.http.endpoints.endpoint import get
from quote_service.platform.http.local_times import TimeZoneName, read_zone
from quote_service.platform.http.parts import AnyRequest
from quote_service.steering.analytics.model.live import LiveCurrency, LiveOverview, LiveQuotes, LiveSales, SoldSoFar
from quote_service.steering.analytics.operations.live.live_board import LiveBoard

_EVENT_SECONDS = 2.0
# A client that still listens then connects again, perhaps to another worker.
_EVENTS_MAX = 450
_TAG = "Analytics"
_EXAMPLE = LiveOverview(
    at=datetime(2026, 3, 2, 9, 30, 5, tzinfo=UTC),
    quotes=LiveQuotes(
        per_second=812.4,
        answered=48200,
        hit_rate=0.7312,
        p50_ms=0.087,
        p99_ms=1.642,
        refused=12,
        failed=0,
        history=[790.5, 801.0, 812.4],
    ),
    sales=LiveSales(
        time_zone="Europe/Istanbul",
        since=datetime(2026, 3, 1, 21, tzinfo=UTC),
        counted_until=datetime(2026, 3, 2, 9, 30, 4, tzinfo=UTC),
        last_week_since=datetime(2026, 2, 22, 21, tzinfo=UTC),
        last_week_until=datetime(2026, 2, 23, 10, tzinfo=UTC),
        currencies=[
            LiveCurrency(
                currency="TRY",
                today=SoldSoFar(orders=214, revenue=Decimal("69742.50"), commission=Decimal("6561.10")),
                last_week=SoldSoFar(orders=198, revenue=Decimal("64110.00"), commission=Decimal("6032.75")),
            )
        ],
    ),
)
_EVENT = f"event: live\ndata: {write_document(_EXAMPLE).decode()}\n\n"


class LiveParameters(msgspec.Struct, frozen=True):
    """By which clock."""

    time_zone: TimeZoneName | None = None
    """IANA time zone whose midnight today begins at. By default that of reports (`QUOTE_TIME_ZONE`)."""


@get("/live", access=REPORT_READERS, example=_EXAMPLE, message="Live figures", query=LiveParameters, tag=_TAG)
async def show_live_figures(request: AnyRequest, live_board: LiveBoard) -> LiveOverview:
    """Get what goes on now.

    Quotes of the last minute answered by this server's processes, and what was sold today beside the same day of last week.
    """
    return await live_board.figures(_time_zone(request))


@get("/live/stream", access=REPORT_READERS, example=_EVENT, form="events", query=LiveParameters, tag=_TAG)
async def stream_live_figures(request: AnyRequest, live_board: LiveBoard) -> Stream:
    """Stream what goes on now.

    Server-sent events named `live`, one every two seconds, with the `data` of the live figures. The stream ends when the
    credentials it was opened with expire or are revoked.
    """
    return Stream(
        while_admitted(request, _events(live_board, _time_zone(request))),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _time_zone(request: AnyRequest) -> str | None:
    name = read_filters(request.scope["query_string"], LiveParameters).time_zone
    return None if name is None else read_zone(name, name).key


async def _events(board: LiveBoard, time_zone: str | None) -> AsyncGenerator[bytes, None]:
    for _ in range(_EVENTS_MAX):
        yield b"event: live\ndata: " + write_document(await board.figures(time_zone)) + b"\n\n"
        await asyncio.sleep(_EVENT_SECONDS)
