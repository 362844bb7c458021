"""Observations that are pushed, and what competitors charge for a product: `/api/v1/observations`, `/competitor-prices`.

Source: docs/spec/competitors.md#pushing-observations; docs/spec/competitors.md#comparable-prices.
"""

import asyncio
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

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
from quote_service.intelligence.competitors.operations.require_competitor import require_competitor
from quote_service.intelligence.competitors.routes import examples
from quote_service.platform.callers.access import COMPETITOR_READERS, OBSERVATION_WRITERS
from quote_service.platform.documents.documents import Row, read_around, read_rows_of
from quote_service.platform.http.checked_filters import check_filters, check_named
from quote_service.platform.http.endpoints.connections import CreatingChange, Reading
from quote_service.platform.http.endpoints.endpoint import get, post
from quote_service.platform.http.endpoints.parameters import RawBody
from quote_service.platform.http.endpoints.results import Answer
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


class _Pushed(NamedTuple):
    source_id: UUID
    rows: list[Row]
    body_bytes: int


async def _pushed(data: RawBody) -> _Pushed:
    # On a thread: this takes long enough to keep quotes waiting.
    return await asyncio.to_thread(_read_batch, data)


def _read_batch(body: bytes) -> _Pushed:
    batch, observations = read_around(body, _Batch, "observations")
    if not 1 <= len(observations) <= PUSHED_MAX:
        raise Invalid.at("/observations", f"must have from 1 to {PUSHED_MAX} entries")
    rows = list(read_rows_of(observations, PushedObservation, "/observations"))
    return _Pushed(batch.source_id, rows, len(body))


@post(
    status_code=200,
    access=OBSERVATION_WRITERS,
    message="1 observation accepted",
    body=PushBatch,
    dependencies={"pushed": _pushed},
    problems=(PushRefused,),
    is_import=True,
)
async def push_observations(change: CreatingChange, pushed: _Pushed) -> Answer[PushAnswer]:
    """Push observations.

    What partners, browser extensions or your own tools have seen, up to 10,000 at a time. Each is taken or refused by
    itself; the same listing at the same instant is taken once, so a request can be repeated.
    """
    answer = await receive_observations(change, pushed.source_id, pushed.rows, pushed.body_bytes)
    return Answer(answer, f"{answer.accepted} observation{'' if answer.accepted == 1 else 's'} accepted")


@get(
    access=COMPETITOR_READERS,
    example=[examples.COMPARABLE],
    message="Prices of competitors",
    check=lambda query: check_filters(query.currency),
)
async def compare_prices(connection: Reading, query: PriceFilters) -> list[ComparablePrice]:
    """Compare competitors' prices of a product.

    The newest price of every listing that is matched to it, by competitor. Those with an empty `not_comparable` are fresh,
    of new goods that can be bought, and not doubted; `comparable_price` is for one unit of ours.
    """
    await check_named(
        connection,
        product_id=(require_product, query.product_id),
        competitor_id=(require_competitor, query.competitor_id),
    )
    return await prices_of_competitors(
        connection, [query.product_id], currency=query.currency, competitor_id=query.competitor_id
    )
