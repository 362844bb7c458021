"""A flash sale begins, ends, or is called off: by a person, or when its time has come.

Whoever holds the lock on the sale's row moves it, once: a second mover finds it moved.

Source: docs/spec/flash-sales.md#states.
"""

from typing import Literal
from uuid import UUID

import msgspec

from quote_service.platform.postgres.change import Change
from quote_service.platform.system.preconditions import Precondition
from quote_service.selling.flash_sales.model.errors import SaleStateForbids
from quote_service.selling.flash_sales.model.sale import SaleRecord, SaleState
from quote_service.selling.flash_sales.operations.sales.create_sale import refuse_clash
from quote_service.selling.flash_sales.tables.sales import database_now, hold_items, hold_sale, read_sale, update_sale

Step = Literal["activate", "end", "cancel"]

_FROM: dict[Step, tuple[SaleState, ...]] = {
    "activate": ("scheduled",),
    "end": ("active",),
    "cancel": ("scheduled", "active"),
}
_TO: dict[Step, SaleState] = {"activate": "active", "end": "ended", "cancel": "cancelled"}


async def move_sale(
    change: Change,
    sale_id: UUID,
    step: Step,
    precondition: Precondition,
    *,
    by_hand: bool = True,
) -> SaleRecord:
    """Take a sale a step on; what is reserved stays so and is decided as before.

    A sale that a person begins early starts now, one that a person ends or calls off ends now.

    Args:
        change: Its author.
        sale_id: Which.
        step: Which step.
        precondition: The version that the author has seen.
        by_hand: False for the schedule: the period stays as it was announced.

    Raises:
        NotFound: There is no such sale.
        Stale: It has been changed since.
        SaleStateForbids: It is not in a state that this step starts from.
        SaleOverlaps: Begun now, it would overlap another.
    """
    held = await hold_sale(change.connection, sale_id)
    before = held.record
    precondition.require(str(sale_id), before.version)
    missed = not by_hand and before.state == "scheduled" and step == "end"
    if before.state not in _FROM[step] and not missed:
        raise SaleStateForbids(f"This flash sale is {before.state}: it cannot {step}")
    moved: SaleRecord = msgspec.structs.replace(before, state=_TO[step])
    by_hand_now = held.is_started_by_hand
    now = await database_now(change.connection)
    if not by_hand and now < (before.starts_at if step == "activate" else before.ends_at):
        raise SaleStateForbids("This flash sale has been moved: it is not due")
    if by_hand:
        if step == "activate":
            if now >= before.ends_at:
                raise SaleStateForbids("This flash sale is past its end")
            by_hand_now = True
            moved = msgspec.structs.replace(moved, starts_at=min(now, before.starts_at))
            await refuse_clash(change.connection, sale_id, moved)
        elif before.state == "active":
            moved = msgspec.structs.replace(moved, ends_at=max(min(now, before.ends_at), before.starts_at))
    await hold_items(change.connection, sale_id)
    await update_sale(change.connection, moved, is_started_by_hand=by_hand_now, author=change.actor, at=now)
    after = await read_sale(change.connection, sale_id)
    await change.record(f"flash_sale.{step}", before, after)
    return after
