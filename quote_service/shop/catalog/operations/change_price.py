"""Move a current price, now or later, and call off what was to move it.

Source: docs/spec/catalog.md#moving-a-price.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from quote_service.platform.postgres.change import Change
from quote_service.platform.system.changes import Author
from quote_service.platform.system.errors import Conflict, Fault, Invalid
from quote_service.platform.system.new_ids import new_id
from quote_service.platform.system.preconditions import Precondition
from quote_service.shop.catalog.model.price_changes import PriceChange, PriceChangeDraft
from quote_service.shop.catalog.model.prices import held_to, price_number
from quote_service.shop.catalog.operations.write_product import hold_product
from quote_service.shop.catalog.tables.price_changes import (
    Absence,
    Bounds,
    MovedPrice,
    PricePlace,
    decide_change,
    insert_changes,
    move_prices,
    read_bounds,
    read_change,
)
from quote_service.shop.catalog.tables.products import set_change_reason


async def change_price(
    change: Change, product_id: UUID, draft: PriceChangeDraft, precondition: Precondition
) -> PriceChange:
    """Move a price, or write down that it is to be moved at `effective_at`.

    Args:
        change: Its author.
        product_id: Which product.
        draft: Of a known currency, with a price that can be one, and a time to come where one is given.
        precondition: The version of the product that the author has seen.

    Raises:
        NotFound: There is no such product.
        Stale: It has been changed since.
        Invalid: It has no such variant, is not sold in this currency, or the price is past a bound.
    """
    await hold_product(change.connection, product_id, precondition)
    (bounds,) = await read_bounds(change.connection, [_place(product_id, draft)])
    if (fault := _fault(draft, bounds)) is not None:
        raise Invalid.because((fault,))
    record = _record(change, product_id, draft)
    await insert_changes(change.connection, [record])
    if record.status == "done":
        await _move(change, [record], draft.reason_note)
    await audit_change(change, f"price.{'change' if record.status == 'done' else 'schedule'}", None, record)
    return record


async def change_prices(change: Change, drafts: Sequence[tuple[UUID, PriceChangeDraft]], note: str) -> None:
    """Move prices of products that are held (`hold_prices`), all of them now or none.

    Args:
        change: Its author.
        drafts: Each with its product; as for `change_price`, without `effective_at` and `reason_note`.
        note: Why, in words.

    Raises:
        Invalid: As `change_price`, for every price; pointers begin with its place among the drafts.
    """
    found = await read_bounds(change.connection, [_place(product_id, draft) for product_id, draft in drafts])
    faults = [
        Fault(f"/{index}{fault.pointer}", fault.detail)
        for index, ((_, draft), bounds) in enumerate(zip(drafts, found, strict=True))
        if (fault := _fault(draft, bounds)) is not None
    ]
    if faults:
        raise Invalid.because(tuple(faults))
    records = [
        _record(change, product_id, msgspec.structs.replace(draft, reason_note=note)) for product_id, draft in drafts
    ]
    await insert_changes(change.connection, records)
    await _move(change, records, note)
    await change.record_many([("price.change", None, record) for record in records], kind="price_change")


def _place(product_id: UUID, asked: PriceChangeDraft | PriceChange) -> PricePlace:
    return PricePlace(product_id, asked.variant_id, asked.currency)


def _fault(draft: PriceChangeDraft, bounds: Bounds | Absence) -> Fault | None:
    if bounds == "variant":
        return Fault("/variant_id", "the product has no such variant")
    if bounds == "currency":
        return Fault("/currency", "the product has no prices in this currency")
    if held_to(draft.price, bounds.lowest, bounds.highest) != draft.price:
        return Fault("/price", "must be from min_price to max_price")
    return None


def _record(change: Author, product_id: UUID, draft: PriceChangeDraft) -> PriceChange:
    at = change.at
    price = price_number(draft.price, draft.currency)
    is_now = draft.effective_at is None
    return PriceChange(
        id=UUID(new_id(change.at_us // 1000)),
        product_id=product_id,
        variant_id=draft.variant_id,
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


async def _move(change: Change, records: Sequence[PriceChange], note: str | None) -> None:
    await set_change_reason(change.connection, "manual", change.actor, note=note or "")
    moves = [
        MovedPrice(_place(each.product_id, each).item_id, each.currency, each.price, str(each.id)) for each in records
    ]
    await move_prices(change.connection, moves)


async def cancel_change(change: Change, product_id: UUID, change_id: UUID, precondition: Precondition) -> None:
    """Call off a change that waits for its time; one that was called off stays so.

    Raises:
        NotFound: There is no such change.
        Stale: It has been decided since.
        Conflict: It is done.
    """
    held = await read_change(change.connection, product_id, change_id, lock=True)
    precondition.require(str(change_id), held.version)
    if held.status == "cancelled":
        return
    if held.status != "scheduled":
        raise Conflict(f"The price change is {held.status}")
    await decide_change(change.connection, change_id, "cancelled")
    record = await read_change(change.connection, product_id, change_id)
    await audit_change(change, "price.cancel", held, record)


async def audit_change(change: Change, action: str, before: PriceChange | None, after: PriceChange) -> None:
    """Write the audit row of a price change."""
    await change.record(action, before, after, kind="price_change")
