"""The catalog and the customers as rows: all of them, or those that some ended transactions changed.

Everything comes through cursors, some rows at a time: the driver lets go what has been taken in, and the event loop gets its turn
every few milliseconds, however much there is.

Source: docs/decisions/followed-catalog.md.
"""

import asyncio
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

import msgspec
from asyncpg import Record

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.postgres.timed_connection import read_chunks
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.catalog.price_rows import NO_CURRENCY, PriceRowsEdit, no_price_rows
from quote_service.pricing.customers.customer_snapshot import CustomerSnapshot, CustomerSnapshotEdit
from quote_service.pricing.interned import Interned
from quote_service.pricing.regions import RegionUnreadable, regions_around
from quote_service.rulebook.snapshot.model.transaction_snapshot import Range
from quote_service.rulebook.snapshot.tables.moment import bounds

CHUNK_ROWS = 500
# Of more changed products it is not worth knowing which: all prices that are kept ready are forgotten.
_NAMED_MAX = 8192

STATEMENTS = Statements(__file__, "catalog_rows")


@STATEMENTS.query()
async def plan_by_index(connection: Connection) -> None:
    """Have the rest of a transaction look changes up, and go through no table."""


async def read_catalog(connection: Connection) -> CatalogSnapshot:
    """Every product with its prices, the categories, and where sellers are."""
    edit = PriceRowsEdit(no_price_rows())
    numbers = _Numbers(edit)
    async for rows in read_chunks(connection, STATEMENTS["products"], rows=CHUNK_ROWS):
        for row in rows:
            _add_product(edit, numbers, row)
    async for rows in read_chunks(connection, STATEMENTS["variants"], rows=CHUNK_ROWS):
        for row in rows:
            _add_variant(edit, numbers, row)
    await let_others_run(edit.freeze())
    return CatalogSnapshot(
        rows=edit.rows(),
        parents=await _read_parents(connection),
        seller_regions=await _read_seller_regions(connection, {}, STATEMENTS["seller_regions"]),
    )


async def read_surroundings(connection: Connection) -> tuple[Mapping[str, str | None], Mapping[str, str]]:
    """The categories above each category, and where sellers are, without a product."""
    async with connection.transaction():  # of the cursor
        regions = await _read_seller_regions(connection, {}, STATEMENTS["seller_regions"])
    return await _read_parents(connection), regions


async def read_changed_catalog(connection: Connection, held: CatalogSnapshot, ended: list[Range]) -> CatalogSnapshot:
    """The catalog after some transactions ended; the one held where they changed nothing of it."""
    edit = PriceRowsEdit(held.rows)
    numbers = _Numbers(edit)
    changed: set[bytes] = set()
    async for rows in read_chunks(connection, STATEMENTS["changed_products"], *bounds(ended), rows=CHUNK_ROWS):
        for row in rows:
            product: bytes = row[0]
            if product not in changed:
                changed.add(product)
                edit.drop(product)
            _add_product(edit, numbers, row)
    catalog = held
    if changed:
        async for rows in read_chunks(connection, STATEMENTS["changed_variants"], *bounds(ended), rows=CHUNK_ROWS):
            for row in rows:
                _add_variant(edit, numbers, row)
        await let_others_run(edit.freeze())
        ids = {str(UUID(bytes=product)) for product in changed} if len(changed) < _NAMED_MAX else None
        catalog = held.with_rows(edit.rows(), ids)
    if await connection.fetchval(STATEMENTS["categories_changed"], *bounds(ended)):
        parents = await _read_parents(connection)
        catalog = catalog.with_figures(catalog.stock, catalog.demand, parents, catalog.demand_hours)
    held_regions = catalog.seller_regions
    regions = await _read_seller_regions(connection, held_regions, STATEMENTS["changed_seller_regions"], *bounds(ended))
    return catalog if regions is held_regions else catalog.with_seller_regions(regions)


async def read_customers(connection: Connection) -> CustomerSnapshot:
    """Every customer that has a tier or segments."""
    return await _put_customers(connection, CustomerSnapshot(), STATEMENTS["customers"])


async def read_changed_customers(
    connection: Connection, held: CustomerSnapshot, ended: list[Range]
) -> CustomerSnapshot:
    """The customers after some transactions ended."""
    return await _put_customers(connection, held, STATEMENTS["changed_customers"], *bounds(ended))


async def let_others_run(steps: Iterator[None]) -> None:
    """Do some work in steps, between which whoever waits has a turn."""
    for _ in steps:
        await asyncio.sleep(0)


@STATEMENTS.query()
async def _read_parents(connection: Connection) -> dict[str, str | None]: ...


async def _read_seller_regions(
    connection: Connection, held: Mapping[str, str], query: str, *arguments: Any
) -> Mapping[str, str]:
    """Where sellers are, with what a query says of some; the one held where it reveals nothing."""
    regions: dict[str, str] | None = None
    async for rows in read_chunks(connection, query, *arguments, rows=CHUNK_ROWS):
        if regions is None:
            regions = dict(held)
        for seller_id, region in rows:
            if region is None or not _is_readable(region):
                regions.pop(seller_id, None)
            else:
                regions[seller_id] = sys.intern(region)  # few regions have many sellers
    return held if regions is None else regions


def _is_readable(region: str) -> bool:
    """Whether quotes can go by a region: whoever writes past the API may write anything."""
    try:
        regions_around(region)
    except RegionUnreadable:
        return False
    return True


async def _put_customers(
    connection: Connection, held: CustomerSnapshot, query: str, *arguments: Any
) -> CustomerSnapshot:
    edit = CustomerSnapshotEdit(held)
    segments = _Made(lambda text: tuple(msgspec.json.decode(text, type=list[str])))
    any_rows = False
    async for rows in read_chunks(connection, query, *arguments, rows=CHUNK_ROWS):
        any_rows = True
        for customer, tier, text in rows:
            edit.put(customer, tier, segments[text])
    if not any_rows:
        return held
    await let_others_run(edit.freeze())
    return edit.snapshot()


class _Made(dict[Any, Any]):
    """What is made of each distinct column, once."""

    def __init__(self, make: Callable[[Any], Any]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, column: Any) -> Any:
        made = self[column] = self._make(column)
        return made


class _Numbers:
    """The numbers of what rows share, by their columns."""

    def __init__(self, edit: PriceRowsEdit) -> None:
        def numbered(values: Interned[Any], read: Callable[[Any], Any]) -> _Made:
            return _Made(lambda column: values.number(None if column is None else read(column)))

        self.categories = numbered(edit.held.categories, _canonical)
        self.sellers = numbered(edit.held.sellers, _canonical)
        self.tags = numbered(edit.held.tags, lambda text: tuple(msgspec.json.decode(text, type=list[str])))


def _canonical(id_bytes: bytes) -> str:
    return str(UUID(bytes=id_bytes))


def _add_product(edit: PriceRowsEdit, numbers: _Numbers, row: Record) -> None:
    product, currency, figures, has, category, seller, tags = row
    edit.add_packed(
        product,
        None,
        NO_CURRENCY if currency is None else currency,
        figures,
        numbers.categories[category],
        numbers.sellers[seller],
        numbers.tags[tags],
        has,
    )


def _add_variant(edit: PriceRowsEdit, numbers: _Numbers, row: Record) -> None:
    product, variant, currency, figures, has, category, seller, tags = row
    edit.add_packed(
        product,
        variant,
        currency,
        figures,
        numbers.categories[category],
        numbers.sellers[seller],
        numbers.tags[tags],
        has,
    )
