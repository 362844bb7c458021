"""What shoppers do with products: `/api/v1/telemetry/events`, `/api/v1/behaviour`.

Source: docs/spec/behaviour.md#events; docs/spec/behaviour.md#sums.
"""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get, post
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
from quote_service.platform.callers.access import REPORT_READERS, granted
from quote_service.platform.documents.documents import Row, envelope, read_around, read_rows_of
from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.http.answers import one_answer
from quote_service.platform.http.callers import caller_of, change_of
from quote_service.platform.http.cursors import read_filters
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.local_times import Bound, TimeZoneName, read_bounds, read_zone
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.shop.catalog.operations.require_product import require_product


class BehaviourQuery(msgspec.Struct, frozen=True, rename={"since": "from", "until": "to"}):
    """Of which period, and how finely."""

    granularity: Annotated[Grain, Renamed("interval")] = "hour"
    """`hour` of UTC, for at most 62 days, or local `day`."""
    since: Bound | None = None
    """Beginning of the period: a date, or an instant; by default two days, or 30, before its end."""
    until: Bound | None = None
    """End of the period: a date, or an instant; by default now."""
    time_zone: TimeZoneName | None = None
    """IANA time zone whose days are told, and dates are of; by default UTC."""


class RankingQuery(msgspec.Struct, frozen=True, rename={"since": "from", "until": "to"}):
    """Which products to list."""

    by: Literal["views", "searches", "carts", "purchases"] = "views"
    """What to order them by."""
    since: Bound | None = None
    """Beginning of the period: a date, or an instant; by default two days before its end."""
    until: Bound | None = None
    """End of the period: a date, or an instant, at most 62 days behind its beginning; by default now."""
    time_zone: TimeZoneName | None = None
    """IANA time zone that dates are of; by default UTC."""
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50
    """How many."""


class _Batch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """As `BehaviourBatch`, with events that are read each by itself."""

    events: list[Any]


@post(
    "/telemetry/events",
    status_code=202,
    opt={
        "access": granted("user", scopes=("telemetry:write",)),
        "described": Described(
            body=BehaviourBatch,
            body_example=examples.REPORT,
            answer=BehaviourReceipt,
            answer_example=examples.RECEIPT,
            message="1 event accepted",
            repeatable=True,
            tag="Behaviour",
        ),
    },
)
async def report_events(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Report what shoppers do.

    Views, searches, carts and purchases of products, up to 1,000 at a time; each is taken or refused by itself, and where all are
    refused the request is. Only sums by product are kept. Shoppers report up to 100 at a time, and no purchases. Repeat a request with the same
    `Idempotency-Key` to have it counted once.
    """
    body, change = await request.body(), change_of(request)
    by_shopper = caller_of(request).is_customer
    # On a thread: this takes long enough to keep quotes waiting.
    rows = await asyncio.to_thread(_read_batch, body, SHOPPER_MAX if by_shopper else REPORTED_MAX)
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        receipt = await report_behaviour(creation.connection, change, rows, by_shopper=by_shopper)
        if not receipt.accepted:
            # Nothing was done, so it is no success; what is wrong stands where it does in the answer to a part of them.
            faults = tuple(Fault(each.pointer, each.detail) for refused in receipt.refused for each in refused.errors)
            raise Invalid.because(faults)
        told = f"{receipt.accepted} event{'' if receipt.accepted == 1 else 's'} accepted"
        return creation.answer(202, envelope(receipt, told))


@get(
    "/behaviour/products/{product_id:uuid}",
    opt={
        "access": REPORT_READERS,
        "described": Described(
            answer=ProductBehaviour,
            answer_example=examples.BEHAVIOUR,
            message="Behaviour",
            query=BehaviourQuery,
            tag="Behaviour",
        ),
    },
)
async def show_product_behaviour(request: Request[Any, Any, Any], product_id: FromPath[UUID]) -> Response[bytes]:
    """Get what shoppers did with a product.

    Sums by hour or day. They are seconds old.
    """
    asked = read_filters(request.scope["query_string"], BehaviourQuery)
    zone = read_zone(asked.time_zone, "UTC")
    since, until = read_bounds(asked.since, asked.until, zone)
    async with parts_of(request)[Database].read() as connection:
        await require_product(connection, product_id)
        shown = await show_behaviour(
            connection,
            product_id,
            grain=asked.granularity,
            since=since,
            until=until,
            now=datetime.now(UTC),
            zone=zone,
        )
    return one_answer(shown, "Behaviour")


@get(
    "/behaviour/products",
    opt={
        "access": REPORT_READERS,
        "described": Described(
            answer=list[RankedProduct],
            answer_example=[examples.RANKED],
            message="Products",
            query=RankingQuery,
            tag="Behaviour",
        ),
    },
)
async def rank_product_behaviour(request: Request[Any, Any, Any]) -> Response[bytes]:
    """List products by what shoppers did with them.

    Those with the most views, searches, carts or purchases of a period.
    """
    asked = read_filters(request.scope["query_string"], RankingQuery)
    zone = read_zone(asked.time_zone, "UTC")
    since, until = read_bounds(asked.since, asked.until, zone)
    async with parts_of(request)[Database].read() as connection:
        ranked = await rank_products(
            connection,
            by=asked.by,
            since=since,
            until=until,
            now=datetime.now(UTC),
            zone=zone,
            limit=asked.limit,
        )
    return one_answer(ranked, "Products")


behaviour = Router("/api/v1", route_handlers=[report_events, show_product_behaviour, rank_product_behaviour])


def _read_batch(body: bytes, most: int) -> list[Row]:
    _, events = read_around(body, _Batch, "events")
    if not 1 <= len(events) <= most:
        raise Invalid.at("/events", f"must have from 1 to {most} entries")
    return list(read_rows_of(events, BehaviourEvent, "/events"))
