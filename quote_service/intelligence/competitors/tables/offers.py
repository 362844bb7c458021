"""Observed offers as rows: written as they come, read as history and as what counts now.

Source: docs/spec/competitors.md#observations.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from asyncpg import Record

from quote_service.intelligence.competitors.model.found_offers import Availability, Condition, FoundOffer
from quote_service.intelligence.competitors.model.listings import ObservationRecord
from quote_service.intelligence.competitors.model.outcomes import Outcome
from quote_service.intelligence.competitors.tables.listings import amount
from quote_service.platform.documents.documents import write_document
from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Affected, Statements

STATEMENTS = Statements(__file__, "offers")


class OfferToWrite(NamedTuple):
    """An offer of a listing, seen at an instant; each listing and instant comes once."""

    listing_id: UUID
    observation_id: UUID
    observed_at: datetime
    offer: FoundOffer


class PriceNow(NamedTuple):
    """What a competitor charges now for what is matched, as it stands in the view `competitor_prices_now`."""

    listing_id: UUID
    competitor_id: UUID
    competitor: str
    product_id: UUID
    variant_id: UUID | None
    currency: str
    price: str | None
    shipping: str | None
    units: str
    availability: Availability
    condition: Condition
    url: str | None
    outcome: Outcome | None
    observed_at: datetime
    confirmed_at: datetime
    is_fresh: bool
    is_doubted: bool
    is_watched: bool


class PastPrice(NamedTuple):
    """What a competitor charged from an instant on; amounts are exact and in major units, of one unit of theirs."""

    product_id: UUID
    variant_id: UUID | None
    listing_id: UUID
    competitor_id: UUID
    units: Decimal
    observation_id: UUID
    observed_at: datetime
    currency: str
    price: Decimal | None
    shipping: Decimal | None
    availability: Availability
    condition: Condition
    doubted_reason: str | None


def _past_price(row: Record) -> PastPrice:
    return PastPrice(
        **{
            **dict(row),
            "units": Decimal(row["units"]),
            "price": None if row["price"] is None else Decimal(row["price"]),
            "shipping": None if row["shipping"] is None else Decimal(row["shipping"]),
        }
    )


async def write_offers(
    connection: Connection, offers: Sequence[OfferToWrite], received_at: datetime, fetch_id: UUID
) -> int:
    """Write what was seen of listings that the transaction holds; how many told something new."""
    rows = [
        {
            "listing_id": each.listing_id,
            "observation_id": each.observation_id,
            "observed_at": each.observed_at,
            "content": _content(each.offer),
            "currency": each.offer.currency,
            "price": each.offer.price,
            "list_price": each.offer.list_price,
            "shipping": each.offer.shipping,
            "unit_price": each.offer.unit_price,
            "availability": each.offer.availability,
            "condition": each.offer.condition,
            "valid_until": each.offer.valid_until,
            "seller": each.offer.seller,
            "read_from": each.offer.read_from,
            "excerpt": each.offer.excerpt,
        }
        for each in offers
    ]
    return int(
        await connection.fetchval(STATEMENTS["write_offers"], write_document(rows).decode(), received_at, fetch_id)
    )


@STATEMENTS.query()
async def confirm_offers(connection: Connection, source_id: UUID, at: datetime) -> None:
    """Note that what a source last told still holds."""


@STATEMENTS.query()
async def prices_now(
    connection: Connection, product_ids: Sequence[UUID], currency: str | None, competitor_id: UUID | None
) -> list[PriceNow]:
    """What competitors charge now for products."""


@STATEMENTS.query(row=_past_price)
async def history_of_products(
    connection: Connection, product_ids: Sequence[UUID], since: datetime, until: datetime
) -> list[PastPrice]:
    """What was observed of products from `since` to before `until`, by product, listing and instant."""


@STATEMENTS.query(row=_past_price)
async def observations_by_id(connection: Connection, ids: Sequence[UUID]) -> list[PastPrice]:
    """Observations of listings that are matched and watched, the earliest first; others are left out."""


async def doubt_observation(connection: Connection, observation_id: UUID, reason: str | None) -> bool:
    """Note why an observation decides nothing, or (None) that it may again; whether there is such an observation."""
    return int(await connection.fetchval(STATEMENTS["doubt_observation"], observation_id, reason)) > 0


@STATEMENTS.query()
async def forget_observations(connection: Connection, days: int, limit: int) -> Affected:
    """Remove up to `limit` observations that are older; how many there were."""


def _content(offer: FoundOffer) -> str:
    """What makes one offer differ from another: amounts by their value, however they were written."""

    def number(value: Decimal | None) -> str:
        return "" if value is None else f"{value.normalize():f}"

    amounts = (offer.price, offer.list_price, offer.shipping)
    return "|".join((offer.currency, *map(number, amounts), offer.availability, offer.condition, offer.seller or ""))


def _observation(row: Any) -> ObservationRecord:
    values = {name: row[name] for name in ObservationRecord.__struct_fields__}
    for name in ("price", "list_price", "shipping", "unit_price"):
        values[name] = amount(row[name], row["currency"])
    return ObservationRecord(**values)


OBSERVATION_ROWS = ListedRows(
    ObservationRecord,
    STATEMENTS["observations"],
    order="-observed_at",
    sorts=("observed_at", "received_at", "availability"),
    search=("seller",),
    conditions={"since": "listed.observed_at >= {}", "until": "listed.observed_at < {}"},
    make=_observation,
)
