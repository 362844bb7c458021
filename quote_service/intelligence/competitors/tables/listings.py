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
from quote_service.platform.documents.documents import document_text, write_document
from quote_service.platform.documents.exact_documents import convert_exact, parse_exact
from quote_service.platform.money.numbers import ExactNumber, written_number
from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Affected, Statements
from quote_service.shop.catalog.model.prices import price_number

STATEMENTS = Statements(__file__, "listings")

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


def amount(text: str | None, currency: str) -> ExactNumber | None:
    """An amount as PostgreSQL shows it, with the currency's digits."""
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
    await connection.execute(STATEMENTS["part_from_products"], source_id, document, at)
    await connection.execute(STATEMENTS["write_listings"], source_id, competitor_id, document, at)
    rows = await connection.fetch(STATEMENTS["ids_of_listings"], source_id, [offer.external_id for _, offer in offers])
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
    row = await connection.fetchrow(STATEMENTS["known_product"], source_id, external_id, product_id, variant_id)
    return KnownProduct() if row is None else KnownProduct(**dict(row))


@STATEMENTS.query()
async def match_by_source(
    connection: Connection, source_id: UUID, page: PageSettings, at: datetime, *, is_said_now: bool = False
) -> Affected:
    """Match a page to the product that its source names; how many were not before. Pages that it led to earlier stay as they are.

    What a person has said that it is not stays so, unless a person names the product `is_said_now`.
    """


async def match_exactly(
    connection: Connection, competitor_id: UUID, listing_ids: Sequence[UUID] | None, at: datetime
) -> int:
    """Match by the map of SKUs, and by GTIN what is named (None: by the map alone); how many were not before."""
    matched = _count(await connection.execute(STATEMENTS["match_by_sku"], competitor_id, listing_ids, at))
    if listing_ids:
        matched += _count(await connection.execute(STATEMENTS["match_by_gtin"], listing_ids, at))
    return matched


@STATEMENTS.query()
async def waiting_for_proposals(connection: Connection, *, after: UUID | None, limit: int) -> list[WaitingListing]:
    """Up to `limit` listings whose product has to be looked for, by id."""


async def candidates_for(connection: Connection, title: str, rejected: Sequence[UUID]) -> list[Candidate]:
    """Products and variants whose names share words with a title."""
    rows = await connection.fetch(STATEMENTS["candidates"], title, rejected)
    return [
        Candidate(str(row["product_id"]), None if row["variant_id"] is None else str(row["variant_id"]), row["name"])
        for row in rows
    ]


async def match_one_by_gtin(connection: Connection, listing_id: UUID, at: datetime) -> bool:
    """Match one listing by its GTIN, where exactly one product of ours has it now."""
    return _count(await connection.execute(STATEMENTS["match_by_gtin"], [listing_id], at)) > 0


async def write_proposals(
    connection: Connection, listing: WaitingListing, proposals: Sequence[Proposal] | None, at: datetime
) -> None:
    """Write what a listing could be, and that it was looked for; nothing where it has changed since it was read.

    None keeps the proposals that there are: nobody knows of others.
    """
    document = listing.proposals if proposals is None else write_document(list(proposals)).decode()
    await connection.execute(
        STATEMENTS["write_proposals"], listing.id, document, bool(proposals), at, listing.updated_at
    )


@STATEMENTS.query()
async def look_again(connection: Connection, limit: int) -> Affected:
    """Have up to `limit` listings looked for again that had no match a day ago; how many there were."""


async def hold_listing(connection: Connection, listing_id: UUID) -> tuple[ListingRecord, list[UUID]]:
    """A listing, locked until the transaction ends, and what it has been said not to be.

    Raises:
        NotFound: There is none.
    """
    rejected = await connection.fetchval(STATEMENTS["lock_listing"], listing_id)
    return await read_listing(connection, listing_id), rejected or []


@STATEMENTS.query(arguments={"decided.units": str, "decided.proposals": document_text})
async def decide_listing(connection: Connection, listing_id: UUID, decided: Decided, author: str, at: datetime) -> None:
    """Write what a person has decided of a held listing."""


@STATEMENTS.query(missing="There is no such listing", row=_record)
async def read_listing(connection: Connection, listing_id: UUID) -> ListingRecord:
    """A listing.

    Raises:
        NotFound: There is none.
    """


@STATEMENTS.query()
async def count_by_state(connection: Connection) -> dict[str, int]:
    """How many listings there are by how they are matched."""


def _count(tag: str) -> int:
    return int(tag.rpartition(" ")[2])


LISTING_ROWS = ListedRows(
    ListingRecord,
    STATEMENTS["listings"],
    sorts=("title", "brand", "created_at", "updated_at"),
    search=("title", "brand", "gtin", "sku", "external_id"),
    make=_record,
)
