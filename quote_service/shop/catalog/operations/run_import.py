"""Do an import: all of its rows or none, in one transaction, row by row out of its staged body.

Source: docs/spec/catalog.md#import-and-export.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import NamedTuple
from uuid import UUID

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.changes import Author
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Conflict, Fault, Invalid
from quote_service.platform.system.traces import note_cause, traced_work
from quote_service.shop.catalog.model.import_rows import RowReader, RowSplitter, import_fault
from quote_service.shop.catalog.model.imports import ERRORS_MAX, ImportFault, ImportFormat
from quote_service.shop.catalog.model.products import ProductDraft
from quote_service.shop.catalog.operations.write_products import (
    Incoming,
    ProductsRefused,
    hold_products,
    write_products,
)
from quote_service.shop.catalog.tables.imports import (
    Job,
    fail_import,
    finish_import,
    note_progress,
    read_chunk,
    take_import,
)
from quote_service.shop.catalog.tables.products import owners_of_skus

BATCH_ROWS = 500


class _Row(NamedTuple):
    number: int
    draft: ProductDraft


class _Batch(NamedTuple):
    """Rows read together: those that are good, and what is wrong with the others."""

    rows: list[_Row]
    faults: list[ImportFault]


class _Refused(Exception):
    """The import changes nothing: rolls its transaction back."""


class _Totals:
    """What an import has come to so far."""

    def __init__(self) -> None:
        self.rows = self.created = self.changed = self.unchanged = 0
        self.faults: list[ImportFault] = []
        # The row of each SKU: some 150 bytes a row, which is all of an import that is kept.
        self.skus: dict[str, int] = {}


@traced_work("import products", has_causes_later=True)
async def run_next_import(database: Database) -> UUID | None:
    """Do the import that waits longest; None where none waits or another process does one.

    Raises:
        Unavailable: The database went away; the import is done again later.
    """
    totals, job = _Totals(), None
    try:
        async with database.transaction() as connection:
            job = await take_import(connection)
            if job is None:
                return None
            note_cause(job.traceparent)
            await _run(database, connection, job, totals)
    except _Refused:
        pass
    except (Conflict, Invalid) as refused:
        faults = refused.faults or (Fault("", refused.detail),)
        totals.faults = [*totals.faults, *(import_fault(0, fault) for fault in faults)]
    else:
        return job.id
    assert job is not None
    async with database.transaction() as connection:
        await fail_import(
            connection, job.id, totals.rows, sorted(totals.faults, key=lambda fault: fault.row)[:ERRORS_MAX]
        )
    return job.id


async def _run(database: Database, connection: Connection, job: Job, totals: _Totals) -> None:
    change = Author(job.actor, job.actor_kind, job.request_id, now_us())
    async for batch in _batches(connection, job):
        totals.rows += len(batch.rows) + len({fault.row for fault in batch.faults})
        totals.faults += batch.faults
        await _write(Change.within(connection, change), job, _without_repeats(batch.rows, totals), totals)
        if len(totals.faults) >= ERRORS_MAX:
            break
        async with database.read() as other:
            await note_progress(other, job.id, totals.rows)
    if totals.faults:
        raise _Refused
    await finish_import(connection, job.id, totals.rows, totals.created, totals.changed, totals.unchanged)


def _without_repeats(rows: list[_Row], totals: _Totals) -> list[_Row]:
    kept = []
    for row in rows:
        skus = {"/sku": row.draft.sku}
        skus |= {f"/variants/{place}/sku": variant.sku for place, variant in enumerate(row.draft.variants)}
        repeats = [
            import_fault(row.number, Fault(pointer, f"stands in row {first} too"))
            for pointer, sku in skus.items()
            if (first := totals.skus.setdefault(sku, row.number)) != row.number
        ]
        totals.faults += repeats
        if not repeats:
            kept.append(row)
    return kept


async def _write(change: Change, job: Job, rows: list[_Row], totals: _Totals) -> None:
    if not rows:
        return
    owners = await owners_of_skus(change.connection, [row.draft.sku for row in rows])
    mine = {sku: owner.product_id for sku, owner in owners.items() if owner.variant_id is None}
    held = await hold_products(change.connection, list(mine.values()))
    products = [Incoming(row.draft, held.get(mine[row.draft.sku]) if row.draft.sku in mine else None) for row in rows]
    try:
        written = await write_products(change, products, reason="import", source_id=str(job.id))
    except ProductsRefused as refused:
        for found in (refused.faults, refused.skus_taken):
            totals.faults += [
                import_fault(rows[place].number, fault) for place, each in found.items() for fault in each
            ]
        return
    totals.created += written.created
    totals.changed += written.changed
    totals.unchanged += written.unchanged


async def _batches(connection: Connection, job: Job) -> AsyncIterator[_Batch]:
    form: ImportFormat = "csv" if job.media_type == "text/csv" else "ndjson"
    splitter, reader = RowSplitter(form), RowReader(form)
    waiting: list[bytes] = []
    place = 0
    while (data := await read_chunk(connection, job.id, place)) is not None:
        waiting += splitter.feed(data)
        place += 1
        while len(waiting) >= BATCH_ROWS:
            taken, waiting = waiting[:BATCH_ROWS], waiting[BATCH_ROWS:]
            yield await asyncio.to_thread(_read, reader, taken)
    waiting += splitter.end()
    for first in range(0, len(waiting), BATCH_ROWS):
        yield await asyncio.to_thread(_read, reader, waiting[first : first + BATCH_ROWS])


def _read(reader: RowReader, rows: list[bytes]) -> _Batch:
    batch = _Batch([], [])
    for row in rows:
        read = reader.read(row)
        if isinstance(read, ProductDraft):
            batch.rows.append(_Row(reader.number, read))
        elif read is not None:
            batch.faults.extend(read)
    return batch
