"""Maps of competitors' SKUs as rows. Products are looked up by SQL, as inventory does.

Source: docs/spec/competitors.md#competitors-and-sources.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from quote_service.intelligence.competitors.model.competitors import SkuMapping
from quote_service.platform.documents.documents import write_document
from quote_service.platform.money.numbers import written_number
from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements

STATEMENTS = Statements(__file__, "competitors")

Item = tuple[UUID, UUID | None]


async def write_skus(connection: Connection, competitor_id: UUID, mappings: Sequence[SkuMapping]) -> int:
    """Map SKUs to products, or take them out where no product is named; how many were taken out."""
    kept = [mapping for mapping in mappings if mapping.product_id is not None]
    gone = [mapping.their_sku for mapping in mappings if mapping.product_id is None]
    removed = await connection.execute(STATEMENTS["remove_skus"], competitor_id, gone) if gone else "DELETE 0"
    if kept:
        await connection.execute(STATEMENTS["write_skus"], competitor_id, write_document(kept).decode())
    return int(removed.rpartition(" ")[2])


@STATEMENTS.query(row=lambda row: row["place"] - 1)
async def unknown_items(connection: Connection, items: Sequence[Item]) -> list[int]:
    """The places, from 0, of what is no product of ours, or no variant of it."""


def plain(text: str) -> str:
    """PostgreSQL's text of a number without zeros at its end: `1.000000` is `1`."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def _mapping(row: Any) -> SkuMapping:
    return SkuMapping(
        their_sku=row["their_sku"],
        product_id=row["product_id"],
        variant_id=row["variant_id"],
        units=written_number(plain(row["units"])),
    )


SKU_ROWS = ListedRows(
    SkuMapping, STATEMENTS["skus"], order="their_sku", sorts=("their_sku",), search=("their_sku",), make=_mapping
)
