"""Sellers as rows.

Source: docs/spec/catalog.md#sellers.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries
from quote_service.platform.system.errors import NotFound
from quote_service.shop.catalog.model.sellers import SellerDraft, SellerRecord

_QUERIES = load_queries(__file__, "sellers")
_SELLER = _QUERIES["seller"]
_LOCK = _QUERIES["lock_seller"]
_INSERT = _QUERIES["insert_seller"]
_UPDATE = _QUERIES["update_seller"]
_DELETE = _QUERIES["delete_seller"]
_KNOWN = _QUERIES["known_sellers"]

SELLER_ROWS = ListedRows(
    SellerRecord,
    _QUERIES["sellers"],
    sorts=("name", "created_at", "updated_at"),
    search=("name", "external_ref", "region"),
)


async def read_seller(connection: Connection, seller_id: UUID, *, lock: bool = False) -> SellerRecord:
    """A seller; with `lock` kept from others until the transaction ends.

    Raises:
        NotFound: There is none.
    """
    row = await connection.fetchrow(_LOCK if lock else _SELLER, seller_id)
    if row is None:
        raise NotFound("There is no such seller")
    return SellerRecord(**row)


async def insert_seller(connection: Connection, seller_id: UUID, draft: SellerDraft, author: str, at: datetime) -> None:
    """Write a new seller.

    Raises:
        Conflict: Another has the same `external_ref` (sqlstates.py).
    """
    await connection.execute(
        _INSERT, seller_id, draft.name, draft.external_ref, draft.is_active, draft.region, author, at
    )


async def update_seller(connection: Connection, seller_id: UUID, draft: SellerDraft, author: str) -> None:
    """Write a seller anew; as `insert_seller`."""
    await connection.execute(_UPDATE, seller_id, draft.name, draft.external_ref, draft.is_active, draft.region, author)


async def delete_seller(connection: Connection, seller_id: UUID) -> None:
    """Remove a seller.

    Raises:
        Conflict: Products name the seller.
    """
    await connection.execute(_DELETE, seller_id)


async def known_sellers(connection: Connection, seller_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these there are; they stay until the transaction ends."""
    return {row[0] for row in await connection.fetch(_KNOWN, list(seller_ids))}
