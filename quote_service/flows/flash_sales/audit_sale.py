"""Hold a flash sale against every invariant that the databases alone can show.

What only clients know (I4, I5: that every confirmation they saw is recorded, and nothing else is; I11, I14: how it went
over time) is checked by the fault tests, which keep the clients' history.

Source: spec 7; research 2.10.
"""

from datetime import timedelta
from uuid import UUID

import msgspec

from quote_service.domain.errors import NotFound
from quote_service.domain.flash_sales.stock_item import StockItem
from quote_service.postgres.flash_sale_audit import count_recoveries, find_violations, reserved_ids
from quote_service.postgres.flash_sale_stock import items_of_sale, owned_units
from quote_service.postgres.pool import Connection, Database
from quote_service.redis_store.flash_sales.upkeep import StockUpkeep

CHECKED = ("I1", "I2", "I3", "I6", "I7", "I8", "I9", "I10", "I12")
CLOCKS_APART = timedelta(seconds=60)


class Finding(msgspec.Struct, frozen=True):
    """One thing that breaks an invariant."""

    invariant: str
    detail: str


class SaleAudit(msgspec.Struct, frozen=True):
    """What an audit found; `rebuilt` and `rejected` count recoveries and late refusals (I13), which break nothing."""

    findings: list[Finding]
    rebuilt: int
    rejected: int


async def audit_sale(database: Database, upkeep: StockUpkeep, sale_id: UUID) -> SaleAudit:
    """Audit a sale while nothing is bought in it: what is under way shows as a difference.

    Raises:
        NotFound: There is no such sale.
        Unavailable: PostgreSQL or Redis gave no answer.
    """
    async with database.snapshot() as connection:
        items = await items_of_sale(connection, sale_id)
        if not items:
            raise NotFound("There is no such flash sale")
        found = [Finding(*violation) for violation in await find_violations(connection, sale_id, CLOCKS_APART)]
        for item in items:
            if item.epoch:
                found += [
                    Finding(invariant, f"item {item.id}: {detail}")
                    for invariant, detail in await _in_redis(connection, upkeep, item)
                ]
        rebuilt, rejected = await count_recoveries(connection, sale_id)
    return SaleAudit(found, rebuilt, rejected)


async def _in_redis(connection: Connection, upkeep: StockUpkeep, item: StockItem) -> list[tuple[str, str]]:
    held = await upkeep.figures(item.id)
    if held.epoch is None:
        return [("I6", "it is not loaded")]
    found = []
    if held.stock + item.sold != item.allocated:
        found.append(("I6", f"stock {held.stock} and {item.sold} taken are not {item.allocated} allocated"))
    if not 0 <= held.stock <= item.allocated:
        found.append(("I10", f"stock {held.stock} of {item.allocated}"))
    if held.waiting:
        found.append(("I12", f"{held.waiting} entries wait in the stream"))
    owned, held_ids, waiting_ids = await upkeep.contents(item.id)
    recorded = {str(customer): units for customer, units in await owned_units(connection, item.id)}
    if owned != recorded:
        apart = sorted(set(owned.items()) ^ set(recorded.items()))[:5]
        found.append(("I7", f"units by customer differ: {apart}"))
    reserved = await reserved_ids(connection, item.id)
    if held_ids != reserved or waiting_ids != reserved:
        found.append(("I7", f"{len(held_ids)} held and {len(waiting_ids)} to expire, {len(reserved)} recorded so"))
    return found
