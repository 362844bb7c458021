"""Competitors as rows, with their maps of SKUs. Products are looked up by SQL, as inventory does.

Source: docs/spec/competitors.md#competitors-and-sources.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from quote_service.intelligence.competitors.model.competitors import CompetitorDraft, CompetitorRecord, SkuMapping
from quote_service.platform.documents.documents import write_document
from quote_service.platform.money.numbers import written_number
from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements

STATEMENTS = Statements(__file__, "competitors")

Item = tuple[UUID, UUID | None]


async def count_competitors(connection: Connection) -> int:
    """How many there are; nobody else counts until the transaction ends."""
    await connection.execute(STATEMENTS["lock_count"])
    return int(await connection.fetchval(STATEMENTS["count_competitors"]))


@STATEMENTS.query()
async def insert_competitor(
    connection: Connection, competitor_id: UUID, draft: CompetitorDraft, author: str, at: datetime
) -> None:
    """Write a new competitor.

    Raises:
        NameTaken: Another one has the name.
    """


@STATEMENTS.query(missing="There is no such competitor")
async def read_competitor(connection: Connection, competitor_id: UUID) -> CompetitorRecord:
    """A competitor.

    Raises:
        NotFound: There is none.
    """


async def hold_competitor(connection: Connection, competitor_id: UUID) -> CompetitorRecord:
    """A competitor, locked until the transaction ends.

    Raises:
        NotFound: There is none.
    """
    await connection.execute(STATEMENTS["lock_competitor"], competitor_id)
    return await read_competitor(connection, competitor_id)


@STATEMENTS.query()
async def update_competitor(
    connection: Connection, competitor_id: UUID, draft: CompetitorDraft, author: str, at: datetime
) -> None:
    """Write a held competitor anew.

    Raises:
        NameTaken: Another one has the name.
    """


async def write_skus(connection: Connection, competitor_id: UUID, mappings: Sequence[SkuMapping]) -> int:
    """Map SKUs to products, or take them out where no product is named; how many were taken out."""
    kept = [mapping for mapping in mappings if mapping.product_id is not None]
    gone = [mapping.their_sku for mapping in mappings if mapping.product_id is None]
    removed = await connection.execute(STATEMENTS["remove_skus"], competitor_id, gone) if gone else "DELETE 0"
    if kept:
        await connection.execute(STATEMENTS["write_skus"], competitor_id, write_document(kept).decode())
    return int(removed.rpartition(" ")[2])


async def page_of_skus(
    connection: Connection, competitor_id: UUID, *, after: str | None, limit: int
) -> list[SkuMapping]:
    """Up to `limit` entries of the map by SKU, from behind `after`."""
    rows = await connection.fetch(STATEMENTS["page_of_skus"], competitor_id, after, limit)
    return [
        SkuMapping(
            their_sku=row["their_sku"],
            product_id=row["product_id"],
            variant_id=row["variant_id"],
            units=written_number(plain(row["units"])),
        )
        for row in rows
    ]


@STATEMENTS.query(row=lambda row: row["place"] - 1)
async def unknown_items(connection: Connection, items: Sequence[Item]) -> list[int]:
    """The places, from 0, of what is no product of ours, or no variant of it."""


def plain(text: str) -> str:
    """PostgreSQL's text of a number without zeros at its end: `1.000000` is `1`."""
    return text.rstrip("0").rstrip(".") if "." in text else text


COMPETITOR_ROWS = ListedRows(
    CompetitorRecord,
    STATEMENTS["competitors"],
    sorts=("name", "created_at", "updated_at"),
    search=("name", "website"),
)
