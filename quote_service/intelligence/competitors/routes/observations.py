"""Observations that are pushed, and what competitors charge for a product: `/api/v1/observations`, `/competitor-prices`.

Source: docs/spec/competitors.md#pushing-observations; docs/spec/competitors.md#comparable-prices.
"""

import asyncio
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post

from quote_service.intelligence.competitors.model.listings import (
    PUSHED_MAX,
    ComparablePrice,
    PushAnswer,
    PushBatch,
    PushedObservation,
)
from quote_service.intelligence.competitors.model.sources import Currency, PushRefused
from quote_service.intelligence.competitors.operations.compare_prices import prices_of_competitors
from quote_service.intelligence.competitors.operations.receive_observations import receive_observations
from quote_service.intelligence.competitors.routes import examples
from quote_service.intelligence.competitors.tables.competitors import read_competitor
from quote_service.platform.callers.access import COMPETITOR_READERS, OBSERVATION_WRITERS
from quote_service.platform.documents.documents import Row, envelope, read_around, read_rows_of
from quote_service.platform.http.answers import one_answer
from quote_service.platform.http.callers import change_of
from quote_service.platform.http.checked_filters import check_filters, check_named
from quote_service.platform.http.cursors import read_filters
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Invalid
from quote_service.shop.catalog.operations.require_product import require_product


class PriceFilters(msgspec.Struct, frozen=True):
    """Of what to compare prices."""

    product_id: UUID
    """Our product; its variants come with it."""
    currency: Currency | None = None
    """Only prices in this currency; none is converted."""
    competitor_id: UUID | None = None
    """Only prices of this competitor."""


class _Batch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """As `PushBatch`, with rows that are read each by itself."""

    source_id: UUID
    observations: list[Any]


@post(
    "/",
    status_code=200,
    opt={
        "access": OBSERVATION_WRITERS,
        "is_import": True,
        "described": Described(
            body=PushBatch,
            body_example=examples.PUSH,
            answer=PushAnswer,
            answer_example=examples.PUSHED,
            message="1 observation accepted",
            repeatable=True,
            problems=(PushRefused,),
        ),
    },
)
async def push_observations(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Push observations.

    What partners, browser extensions or your own tools have seen, up to 10,000 at a time. Each is taken or refused by
    itself; the same listing at the same instant is taken once, so a request can be repeated.
    """
    body, change = await request.body(), change_of(request)
    # On a thread: this takes long enough to keep quotes waiting.
    source_id, rows = await asyncio.to_thread(_read_batch, body)
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        answer = await receive_observations(creation.connection, change, source_id, rows, len(body))
        told = f"{answer.accepted} observation{'' if answer.accepted == 1 else 's'} accepted"
        return creation.answer(200, envelope(answer, told))


@get(
    "/",
    opt={
        "access": COMPETITOR_READERS,
        "described": Described(
            answer=list[ComparablePrice],
            answer_example=[examples.COMPARABLE],
            message="Prices of competitors",
            query=PriceFilters,
        ),
    },
)
async def compare_prices(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Compare competitors' prices of a product.

    The newest price of every listing that is matched to it, by competitor. Those with an empty `not_comparable` are fresh,
    of new goods that can be bought, and not doubted; `comparable_price` is for one unit of ours.
    """
    wanted = read_filters(request.scope["query_string"], PriceFilters)
    check_filters(wanted.currency)
    async with parts_of(request)[Database].read() as connection:
        await check_named(
            connection,
            product_id=(require_product, wanted.product_id),
            competitor_id=(read_competitor, wanted.competitor_id),
        )
        prices = await prices_of_competitors(
            connection, [wanted.product_id], currency=wanted.currency, competitor_id=wanted.competitor_id
        )
    return one_answer(prices, "Prices of competitors")


def _read_batch(body: bytes) -> tuple[UUID, list[Row]]:
    batch, observations = read_around(body, _Batch, "observations")
    if not 1 <= len(observations) <= PUSHED_MAX:
        raise Invalid.at("/observations", f"must have from 1 to {PUSHED_MAX} entries")
    return batch.source_id, list(read_rows_of(observations, PushedObservation, "/observations"))
