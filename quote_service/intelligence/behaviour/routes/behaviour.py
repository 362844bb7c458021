"""What shoppers do with products: `/api/v1/telemetry/events`, `/api/v1/behaviour`.

Source: docs/spec/behaviour.md#events; docs/spec/behaviour.md#sums.
"""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Router
from litestar.params import FromPath

from quote_service.intelligence.behaviour.model.reported import (
    REPORTED_MAX,
    SHOPPER_MAX,
    BehaviourBatch,
    BehaviourEvent,
    BehaviourReceipt,
)
from quote_service.intelligence.behaviour.model.shown import Grain, ProductBehaviour, RankedProduct
from quote_service.intelligence.behaviour.operations.read_behaviour import rank_products, show_behaviour
from quote_service.intelligence.behaviour.operations.report_behaviour import report_behaviour
from quote_service.intelligence.behaviour.routes import examples
from quote_service.intelligence.behaviour.routes.examples import EXAMPLES
from quote_service.platform.callers.access import REPORT_READERS, Caller, granted
from quote_service.platform.documents.documents import Row, read_around, read_rows_of
from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.http.endpoints.connections import CreatingChange, Reading
from quote_service.platform.http.endpoints.endpoint import get, post
from quote_service.platform.http.endpoints.parameters import RawBody
from quote_service.platform.http.endpoints.results import Answer
from quote_service.platform.http.local_times import Bound, Period, TimeZoneName, read_bounds, read_zone
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.shop.catalog.operations.require_product import require_product


class BehaviourQuery(msgspec.Struct, frozen=True, rename={"since": "from", "until": "to"}):
    """Of which period, and how finely."""

    granularity: Annotated[Grain, Renamed("interval")] = "hour"
    """`hour`, for at most 62 days, or `day`, of `time_zone`."""
    since: Bound | None = None
    """Beginning of the period: a date, or an instant; by default two days, or 30, before its end."""
    until: Bound | None = None
    """End of the period: a date, or an instant; by default now."""
    time_zone: TimeZoneName | None = None
    """IANA time zone of the hours, days and dates; by default `QUOTE_TIME_ZONE`."""


class RankingQuery(msgspec.Struct, frozen=True, rename={"since": "from", "until": "to"}):
    """Which products to list."""

    by: Literal["views", "searches", "carts", "purchases"] = "views"
    """What to order them by."""
    since: Bound | None = None
    """Beginning of the period: a date, or an instant; by default two days before its end."""
    until: Bound | None = None
    """End of the period: a date, or an instant, at most 62 days behind its beginning; by default now."""
    time_zone: TimeZoneName | None = None
    """IANA time zone that hours and dates are of; by default `QUOTE_TIME_ZONE`."""
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50
    """How many."""


class _Batch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """As `BehaviourBatch`, with events that are read each by itself."""

    events: list[Any]


async def _events(data: RawBody, caller: Caller) -> list[Row]:
    # On a thread: this takes long enough to keep quotes waiting.
    return await asyncio.to_thread(_read_batch, data, SHOPPER_MAX if caller.is_customer else REPORTED_MAX)


def _zone(query: BehaviourQuery | RankingQuery, settings: Settings) -> ZoneInfo:
    return read_zone(query.time_zone, settings.time_zone)


def _period(query: BehaviourQuery | RankingQuery, zone: ZoneInfo) -> Period:
    return read_bounds(query.since, query.until, zone)


@post(
    "/telemetry/events",
    status_code=202,
    access=granted("user", scopes=("telemetry:write",)),
    message="1 event accepted",
    body=BehaviourBatch,
    dependencies={"events": _events},
    tag="Behaviour",
)
async def report_events(change: CreatingChange, caller: Caller, events: list[Row]) -> Answer[BehaviourReceipt]:
    """Report what shoppers do.

    Views, searches, carts and purchases of products, up to 1,000 at a time; each is taken or refused by itself, and where all are
    refused the request is. Only sums by product are kept. Shoppers report up to 100 at a time, and no purchases. Repeat a request with the same
    `Idempotency-Key` to have it counted once.
    """
    receipt = await report_behaviour(change, events, by_shopper=caller.is_customer)
    if not receipt.accepted:
        # Nothing was done, so it is no success; what is wrong stands where it does in the answer to a part of them.
        faults = tuple(Fault(each.pointer, each.detail) for refused in receipt.refused for each in refused.errors)
        raise Invalid.because(faults)
    return Answer(receipt, f"{receipt.accepted} event{'' if receipt.accepted == 1 else 's'} accepted")


@get(
    "/behaviour/products/{product_id:uuid}",
    access=REPORT_READERS,
    message="Behaviour",
    dependencies={"zone": _zone, "period": _period},
    tag="Behaviour",
)
async def show_product_behaviour(
    connection: Reading, product_id: FromPath[UUID], query: BehaviourQuery, zone: ZoneInfo, period: Period
) -> ProductBehaviour:
    """Get what shoppers did with a product.

    Sums by hour or day. They are seconds old.
    """
    await require_product(connection, product_id)
    return await show_behaviour(
        connection,
        product_id,
        grain=query.granularity,
        since=period[0],
        until=period[1],
        now=datetime.now(UTC),
        zone=zone,
    )


@get(
    "/behaviour/products",
    access=REPORT_READERS,
    example=[examples.RANKED],
    message="Products",
    dependencies={"zone": _zone, "period": _period},
    tag="Behaviour",
)
async def rank_product_behaviour(
    connection: Reading, query: RankingQuery, zone: ZoneInfo, period: Period
) -> list[RankedProduct]:
    """List products by what shoppers did with them.

    Those with the most views, searches, carts or purchases of a period.
    """
    return await rank_products(
        connection,
        by=query.by,
        since=period[0],
        until=period[1],
        now=datetime.now(UTC),
        zone=zone,
        limit=query.limit,
    )


behaviour = Router(
    "/api/v1",
    route_handlers=[report_events, show_product_behaviour, rank_product_behaviour],
    opt={"examples": EXAMPLES},
)


def _read_batch(body: bytes, most: int) -> list[Row]:
    _, events = read_around(body, _Batch, "events")
    if not 1 <= len(events) <= most:
        raise Invalid.at("/events", f"must have from 1 to {most} entries")
    return list(read_rows_of(events, BehaviourEvent, "/events"))
