"""Current prices: moved now or later, and the changes that were asked for.

Source: docs/spec/catalog.md#moving-a-price; docs/spec/catalog.md#scheduled-changes.
"""

from collections.abc import Iterator
from uuid import UUID

import msgspec
from litestar.params import FromPath

from quote_service.platform.callers.access import CATALOG_READERS, CATALOG_WRITERS
from quote_service.platform.http.endpoints.connections import CreatingChange, Reading, WritingChange
from quote_service.platform.http.endpoints.endpoint import delete, get, post, put
from quote_service.platform.http.endpoints.results import Answer, Location, Tagged
from quote_service.platform.http.lists.listing import ListAnswer, Listing, ListRequest
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.quantities import FACTOR_PLACES, quantity_faults
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.changes import Author
from quote_service.platform.system.errors import Conflict, Fault
from quote_service.platform.system.instants import to_micros
from quote_service.platform.system.preconditions import UNCONDITIONAL, Precondition
from quote_service.shop.catalog.model.price_changes import ChangeStatus, PriceChange, PriceChangeDraft
from quote_service.shop.catalog.operations.change_price import cancel_change, change_price
from quote_service.shop.catalog.tables.price_changes import CHANGE_ROWS, read_change
from quote_service.shop.catalog.tables.products import read_product


class PriceChangeFilters(msgspec.Struct, frozen=True):
    """Which changes to list."""

    status: ChangeStatus | None = None
    """Only changes of this status, such as `scheduled`."""


def _faults(data: PriceChangeDraft, change: Author) -> Iterator[Fault]:
    yield from quantity_faults(data, "", FACTOR_PLACES)
    if data.currency not in EXPONENTS:
        yield Fault("/currency", "is not an ISO 4217 currency code")
    if data.effective_at is not None and to_micros(data.effective_at) <= change.at_us:
        yield Fault("/effective_at", "must be in the future")


def _answer(record: PriceChange) -> Answer[PriceChange]:
    return Answer(record, "Price changed" if record.status == "done" else "Price change scheduled")


@post(
    "/{product_id:uuid}/price",
    access=CATALOG_WRITERS,
    message="Price change scheduled",
    location=Location("/api/v1/products/{product_id}/price-changes/{id}", "The price change."),
    faults=_faults,
)
async def change_product_price(
    change: CreatingChange, product_id: FromPath[UUID], data: PriceChangeDraft
) -> Tagged[Answer[PriceChange]]:
    """Change a price.

    Now, or at `effective_at`. The price has to be from `min_price` to `max_price`; a scheduled one is held to the bounds
    of its time.
    """
    return _answer(await change_price(change, product_id, data, UNCONDITIONAL))


@put(
    "/{product_id:uuid}/price",
    access=CATALOG_WRITERS,
    message="Price change scheduled",
    faults=_faults,
)
async def set_product_price(
    change: WritingChange,
    product_id: FromPath[UUID],
    data: PriceChangeDraft,
    precondition: Precondition,
) -> Tagged[Answer[PriceChange]]:
    """Set a price.

    As changing a price with `POST`, on the version of the product that `If-Match` names.
    """
    return _answer(await change_price(change, product_id, data, precondition))


@get(
    "/{product_id:uuid}/price-changes",
    access=CATALOG_READERS,
    listing=Listing("price-changes", CHANGE_ROWS, PriceChangeFilters),
)
async def list_product_price_changes(rows: ListRequest[PriceChange], product_id: FromPath[UUID]) -> ListAnswer:
    """List price changes of a product.

    Newest first: those that were asked for, whether they are scheduled, done, cancelled or failed.
    """

    async def check_product(connection: Connection, _: PriceChangeFilters) -> None:
        await read_product(connection, product_id)

    return await rows.answer({"product_id": product_id}, check_empty=check_product)


@get(
    "/{product_id:uuid}/price-changes/{change_id:uuid}",
    access=CATALOG_READERS,
    message="Price change",
)
async def show_product_price_change(
    connection: Reading, product_id: FromPath[UUID], change_id: FromPath[UUID]
) -> Tagged[PriceChange]:
    """Get a price change."""
    return await read_change(connection, product_id, change_id)


@delete("/{product_id:uuid}/price-changes/{change_id:uuid}", access=CATALOG_WRITERS, problems=(Conflict,))
async def cancel_product_price_change(
    change: WritingChange,
    product_id: FromPath[UUID],
    change_id: FromPath[UUID],
    precondition: Precondition,
) -> None:
    """Cancel a price change.

    Only while it is scheduled. A change that has been cancelled stays so.
    """
    await cancel_change(change, product_id, change_id, precondition)
