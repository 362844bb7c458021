"""Listings as rows, and which of our products they are. The catalog is looked up by SQL, as inventory does.

Source: docs/spec/competitors.md#matching.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from asyncpg import Record

from quote_service.intelligence.competitors.model.found_offers import FoundOffer
from quote_service.intelligence.competitors.model.listings import (
    ListingRecord,
    MatchMethod,
    MatchState,
    OfferNow,
    Proposal,
)
from quote_service.intelligence.competitors.model.reading.same_product import KnownProduct
from quote_service.intelligence.competitors.model.reading.score_titles import Candidate
from quote_service.intelligence.competitors.model.sources import PageSettings
from quote_service.intelligence.competitors.tables.competitors import plain
from quote_service.platform.documents.documents import write_document
from quote_service.platform.documents.exact_documents import convert_exact, parse_exact
from quote_service.platform.money.numbers import ExactNumber, written_number
from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries
from quote_service.platform.system.errors import NotFound
from quote_service.shop.catalog.model.prices import price_number

_QUERIES = load_queries(__file__, "listings")
_WRITE = _QUERIES["write_listings"]
_PART = _QUERIES["part_from_products"]
_KNOWN = _QUERIES["known_product"]
_IDS = _QUERIES["ids_of_listings"]
_BY_SOURCE = _QUERIES["match_by_source"]
_BY_SKU = _QUERIES["match_by_sku"]
_BY_GTIN = _QUERIES["match_by_gtin"]
_WAITING = _QUERIES["waiting_for_proposals"]
_CANDIDATES = _QUERIES["candidates"]
_WRITE_PROPOSALS = _QUERIES["write_proposals"]
_LOOK_AGAIN = _QUERIES["look_again"]
_DECIDE = _QUERIES["decide"]
_LOCK = _QUERIES["lock_listing"]
_LISTING = _QUERIES["listing"]
_BY_STATE = _QUERIES["count_by_state"]

_OFFER_COLUMNS = frozenset(OfferNow.__struct_fields__)


class WaitingListing(NamedTuple):
    """A listing whose product has to be looked for."""

    id: UUID
    title: str | None
    brand: str | None
    gtin: str | None
    rejected: list[UUID]
    proposals: str
    updated_at: datetime


class Decided(NamedTuple):
    """What a person has decided of a listing."""

    state: MatchState
    method: MatchMethod | None
    product_id: UUID | None
    variant_id: UUID | None
    units: ExactNumber
    proposals: list[Proposal]
    rejected: list[UUID]
    is_match_due: bool


async def write_listings(
    connection: Connection,
    source_id: UUID,
    competitor_id: UUID,
    offers: Sequence[tuple[UUID, FoundOffer]],
    at: datetime,
) -> dict[str, UUID]:
    """Write what a source calls its offers, each with an id for one that is new; their ids, locked, by what they are called."""
    given = [
        {
            "id": listing_id,
            "external_id": offer.external_id,
            "title": offer.title,
            "brand": offer.brand,
            "gtin": offer.gtin,
            "sku": offer.sku,
            "url": offer.url,
            "pack_quantity": offer.pack_quantity,
            "pack_unit": offer.pack_unit,
        }
        for listing_id, offer in offers
    ]
    document = write_document(given).decode()
    await connection.execute(_PART, source_id, document, at)
    await connection.execute(_WRITE, source_id, competitor_id, document, at)
    rows = await connection.fetch(_IDS, source_id, [offer.external_id for _, offer in offers])
    return {row["external_id"]: row["id"] for row in rows}


async def known_product(
    connection: Connection, source_id: UUID, external_id: str, product_id: UUID | None, variant_id: UUID | None
) -> KnownProduct:
    """What is known of a page: what it was called when it was last read, and the product of ours that it is about.

    Args:
        connection: To read with.
        source_id: Of the page.
        external_id: Its URL, as the source has it.
        product_id: Our product that the source names; where nothing was read yet.
        variant_id: The variant of that product.
    """
    row = await connection.fetchrow(_KNOWN, source_id, external_id, product_id, variant_id)
    return KnownProduct() if row is None else KnownProduct(**dict(row))


async def match_by_source(
    connection: Connection, source_id: UUID, page: PageSettings, at: datetime, *, is_said_now: bool = False
) -> int:
    """Match a page to the product that its source names; how many were not before. Pages that it led to earlier stay as they are.

    What a person has said that it is not stays so, unless a person names the product `is_said_now`.
    """
    return _count(
        await connection.execute(
            _BY_SOURCE, source_id, page.product_id, page.variant_id, page.units, at, is_said_now, page.url
        )
    )


async def match_exactly(
    connection: Connection, competitor_id: UUID, listing_ids: Sequence[UUID] | None, at: datetime
) -> int:
    """Match by the map of SKUs, and by GTIN what is named (None: by the map alone); how many were not before."""
    matched = _count(await connection.execute(_BY_SKU, competitor_id, listing_ids, at))
    if listing_ids:
        matched += _count(await connection.execute(_BY_GTIN, listing_ids, at))
    return matched


async def waiting_for_proposals(connection: Connection, *, after: UUID | None, limit: int) -> list[WaitingListing]:
    """Up to `limit` listings whose product has to be looked for, by id."""
    return [WaitingListing(*row) for row in await connection.fetch(_WAITING, after, limit)]


async def candidates_for(connection: Connection, title: str, rejected: Sequence[UUID]) -> list[Candidate]:
    """Products and variants whose names share words with a title."""
    rows = await connection.fetch(_CANDIDATES, title, rejected)
    return [
        Candidate(str(row["product_id"]), None if row["variant_id"] is None else str(row["variant_id"]), row["name"])
        for row in rows
    ]


async def match_one_by_gtin(connection: Connection, listing_id: UUID, at: datetime) -> bool:
    """Match one listing by its GTIN, where exactly one product of ours has it now."""
    return _count(await connection.execute(_BY_GTIN, [listing_id], at)) > 0


async def write_proposals(
    connection: Connection, listing: WaitingListing, proposals: Sequence[Proposal] | None, at: datetime
) -> None:
    """Write what a listing could be, and that it was looked for; nothing where it has changed since it was read.

    None keeps the proposals that there are: nobody knows of others.
    """
    document = listing.proposals if proposals is None else write_document(list(proposals)).decode()
    await connection.execute(_WRITE_PROPOSALS, listing.id, document, bool(proposals), at, listing.updated_at)


async def look_again(connection: Connection, limit: int) -> int:
    """Have up to `limit` listings looked for again that had no match a day ago; how many there were."""
    return _count(await connection.execute(_LOOK_AGAIN, limit))


async def hold_listing(connection: Connection, listing_id: UUID) -> tuple[ListingRecord, list[UUID]]:
    """A listing, locked until the transaction ends, and what it has been said not to be.

    Raises:
        NotFound: There is none.
    """
    rejected = await connection.fetchval(_LOCK, listing_id)
    return await read_listing(connection, listing_id), rejected or []


async def decide_listing(connection: Connection, listing_id: UUID, decided: Decided, author: str, at: datetime) -> None:
    """Write what a person has decided of a held listing."""
    await connection.execute(
        _DECIDE,
        listing_id,
        decided.state,
        decided.method,
        decided.product_id,
        decided.variant_id,
        str(decided.units),
        write_document(decided.proposals).decode(),
        decided.rejected,
        decided.is_match_due,
        author,
        at,
    )


async def read_listing(connection: Connection, listing_id: UUID) -> ListingRecord:
    """A listing.

    Raises:
        NotFound: There is none.
    """
    row = await connection.fetchrow(_LISTING, listing_id)
    if row is None:
        raise NotFound("There is no such listing")
    return _record(row)


async def count_by_state(connection: Connection) -> dict[str, int]:
    """How many listings there are by how they are matched."""
    return {row["match_state"]: row["listings"] for row in await connection.fetch(_BY_STATE)}


def amount(text: str | None, currency: str) -> ExactNumber | None:
    """An amount as PostgreSQL tells it, with the currency's digits."""
    return None if text is None else price_number(Decimal(text), currency)


def _record(row: Record) -> ListingRecord:
    values = {name: value for name, value in row.items() if name not in _OFFER_COLUMNS}
    values["units"] = written_number(plain(row["units"]))
    values["pack_quantity"] = None if row["pack_quantity"] is None else written_number(plain(row["pack_quantity"]))
    values["proposals"] = convert_exact(parse_exact(row["proposals"]), list[Proposal])
    return ListingRecord(**values, offer=None if row["observed_at"] is None else _offer(row))


def _offer(row: Record) -> OfferNow:
    values = {name: row[name] for name in OfferNow.__struct_fields__}
    for name in ("price", "list_price", "shipping", "unit_price"):
        values[name] = amount(row[name], row["currency"])
    return OfferNow(**values)


def _count(tag: str) -> int:
    return int(tag.rpartition(" ")[2])


LISTING_ROWS = ListedRows(
    ListingRecord,
    _QUERIES["listings"],
    sorts=("title", "brand", "created_at", "updated_at"),
    search=("title", "brand", "gtin", "sku", "external_id"),
    make=_record,
)
