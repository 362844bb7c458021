"""Move a current price, now or later, and call off what was to move it.

Source: docs/spec/catalog.md#moving-a-price.
"""

from collections.abc import Collection
from decimal import Decimal
from uuid import UUID

from quote_service.catalog.operations.write_product import hold_product
from quote_service.catalog.tables.price_changes import (
    decide_change,
    insert_change,
    is_variant_of,
    move_price,
    read_bounds,
    read_change,
)
from quote_service.catalog.tables.products import lock_products, read_products, tell_reason
from quote_service.catalog.words.price_changes import PriceChange, PriceChangeDraft
from quote_service.catalog.words.prices import held_to, price_number
from quote_service.documents.literals import json_literal
from quote_service.postgres.audit_log import record_change
from quote_service.postgres.pool import Connection
from quote_service.system.changes import Change
from quote_service.system.errors import Conflict, Invalid
from quote_service.system.event_types import EVENTS_OF_ACTIONS
from quote_service.system.instants import from_micros
from quote_service.system.new_ids import new_id
from quote_service.system.preconditions import Precondition


async def change_price(
    connection: Connection, change: Change, product_id: UUID, draft: PriceChangeDraft, precondition: Precondition
) -> PriceChange:
    """Move a price, or write down that it is to be moved at `effective_at`.

    Args:
        connection: Inside a transaction.
        change: Its author.
        product_id: Which product.
        draft: Of a known currency, with a price that can be one, and a time to come where one is given.
        precondition: The version of the product that the author has seen.

    Raises:
        NotFound: There is no such product.
        Stale: It has been changed since.
        Invalid: It has no such variant, is not sold in this currency, or the price is past a bound.
    """
    await hold_product(connection, product_id, precondition)
    variant_id = draft.variant_id
    if variant_id is not None and not await is_variant_of(connection, product_id, variant_id):
        raise Invalid.at("/variant_id", "the product has no such variant")
    item_id = variant_id or product_id
    bounds = await read_bounds(connection, item_id, draft.currency, is_variant=variant_id is not None)
    if bounds is None:
        raise Invalid.at("/currency", "the product has no prices in this currency")
    if held_to(draft.price, bounds.lowest, bounds.highest) != draft.price:
        raise Invalid.at("/price", "must be from min_price to max_price")
    at = from_micros(change.at_us)
    price = price_number(draft.price, draft.currency)
    is_now = draft.effective_at is None
    record = PriceChange(
        id=UUID(new_id(change.at_us // 1000)),
        product_id=product_id,
        variant_id=variant_id,
        currency=draft.currency,
        price=price,
        effective_at=draft.effective_at or at,
        reason_note=draft.reason_note,
        status="done" if is_now else "scheduled",
        applied_price=price if is_now else None,
        decided_at=at if is_now else None,
        version=1,
        created_by=change.actor,
        created_at=at,
    )
    await insert_change(connection, record)
    if is_now:
        note = draft.reason_note or ""
        await tell_reason(connection, "manual", change.actor, source_id=str(record.id), note=note)
        await move_price(connection, item_id, draft.currency, price, is_own=bounds.is_own)
    action = "price.change" if is_now else "price.schedule"
    await audit_change(connection, change, action, None, record)
    return record


async def cancel_change(
    connection: Connection, change: Change, product_id: UUID, change_id: UUID, precondition: Precondition
) -> None:
    """Call off a change that waits for its time; one that was called off stays so.

    Raises:
        NotFound: There is no such change.
        Stale: It has been decided since.
        Conflict: It is done.
    """
    held = await read_change(connection, product_id, change_id, lock=True)
    precondition.require(str(change_id), held.version)
    if held.status == "cancelled":
        return
    if held.status != "scheduled":
        raise Conflict(f"The price change is {held.status}")
    await decide_change(connection, change_id, "cancelled")
    record = await read_change(connection, product_id, change_id)
    await audit_change(connection, change, "price.cancel", held, record)


async def audit_change(
    connection: Connection, change: Change, action: str, before: PriceChange | None, after: PriceChange
) -> None:
    """Write the audit row of a price change."""
    await record_change(
        connection,
        change,
        action=action,
        object_kind="price_change",
        object_id=str(after.id),
        before=None if before is None else json_literal(before).encode(),
        after=json_literal(after).encode(),
        told=EVENTS_OF_ACTIONS.get(action),
    )


async def read_price(
    connection: Connection, product_id: UUID, variant_id: UUID | None, currency: str
) -> Decimal | None:
    """The current price of a product, or of a variant of it, own or its product's; None where it is not sold so."""
    if variant_id is not None and not await is_variant_of(connection, product_id, variant_id):
        return None
    bounds = await read_bounds(connection, variant_id or product_id, currency, is_variant=variant_id is not None)
    return None if bounds is None else bounds.current


async def hold_prices(connection: Connection, product_ids: Collection[UUID]) -> None:
    """Keep products from others until the transaction ends, in the one order in which everybody takes them."""
    await lock_products(connection, sorted(set(product_ids)))


async def variants_that_follow(connection: Connection, product_ids: Collection[UUID]) -> list[tuple[UUID, UUID, str]]:
    """Variants of some products whose current price in a currency is their product's: product, variant, currency."""
    if not product_ids:
        return []
    return [
        (product.id, variant.id, price.currency)
        for product in (await read_products(connection, list(product_ids))).values()
        for variant in product.variants
        for price in variant.prices
        if "current_price" not in price.own
    ]
