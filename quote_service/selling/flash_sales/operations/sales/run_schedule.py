"""Begin and end flash sales when their time has come; any number of workers may try, one does it.

Source: docs/spec/flash-sales.md#states.
"""

from typing import cast
from uuid import UUID

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import NotFound
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.platform.system.traces import traced_work
from quote_service.selling.flash_sales.model.errors import SaleStateForbids
from quote_service.selling.flash_sales.operations.sales.move_sale import Step, move_sale
from quote_service.selling.flash_sales.tables.sales import due_steps, seconds_to_next_step


@traced_work("move flash sales")
async def run_schedule(database: Database) -> list[UUID]:
    """Take every sale that is due a step on, under an advisory lock; the sales moved."""
    moved = []
    async with database.transaction() as connection:
        for sale_id, step in await due_steps(connection) or ():
            change = change_by_system("flash sale schedule", now_us())
            # A sale whose whole period went by while no worker was up ends without having begun.
            try:
                await move_sale(
                    Change.within(connection, change), sale_id, cast("Step", step), UNCONDITIONAL, by_hand=False
                )
            except (NotFound, SaleStateForbids):
                continue  # somebody has moved or deleted it since it was read; nothing of it is written
            moved.append(sale_id)
    return moved


async def seconds_until_due(database: Database) -> float | None:
    """How long until the next sale begins or ends; None where none waits for that."""
    async with database.read() as connection:
        return await seconds_to_next_step(connection)
