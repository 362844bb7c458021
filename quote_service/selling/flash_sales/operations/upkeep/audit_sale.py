"""Hold a flash sale against every invariant that the databases alone can show.

What only clients know (I4, I5: that every confirmation they saw is recorded, and nothing else is; I11, I14: how it went
over time; I13: which reservations were lost) is checked by the fault tests, which keep the clients' history.

Source: docs/spec/flash-sales.md#invariants.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from quote_service.platform.postgres.pool import Connection, Database
from quote_service.selling.flash_sales.model.audit import AuditedItem, Finding, SaleAudit
from quote_service.selling.flash_sales.model.stock_item import StockItem
from quote_service.selling.flash_sales.operations.upkeep.rebuild_item import why_rebuild
from quote_service.selling.flash_sales.tables.audit import (
    NamedPurchase,
    count_dead_letters,
    count_overdue,
    count_recoveries,
    count_rejected,
    find_violations,
    named_purchases,
    terms_of_sale,
    units_of_sale,
)
from quote_service.selling.flash_sales.tables.sales import database_now, read_sale
from quote_service.selling.flash_sales.tables.stock import items_of_sale, owned_units
from quote_service.selling.flash_sales.tables.upkeep import ItemContents, RedisFigures, StockUpkeep

CLOCKS_APART = timedelta(seconds=60)
_SHOWN = 5  # examples of one kind of difference


async def audit_sale(database: Database, upkeep: StockUpkeep, sale_id: UUID) -> SaleAudit:
    """Audit a sale while nothing is bought in it: what is under way shows as a difference.

    Raises:
        NotFound: There is no such sale.
        Unavailable: PostgreSQL or Redis gave no answer.
    """
    async with database.snapshot() as connection:
        sale = await read_sale(connection, sale_id)
        items = await items_of_sale(connection, sale_id)
        terms = await terms_of_sale(connection, sale_id)
        findings = await find_violations(connection, sale_id, terms, CLOCKS_APART)
        units = await units_of_sale(connection, sale_id)
        notes, audited = [], []
        overdue = await count_overdue(connection, sale_id, CLOCKS_APART)
        if overdue:
            notes.append(f"{overdue} purchases are held past their time: no worker lets them expire")
        for item in items:
            held = await upkeep.figures(item.id) if item.epoch else RedisFigures("")
            if held.epoch is not None:
                findings += await _in_redis(connection, upkeep, item, held)
            elif item.state == "active":
                findings.append(Finding("I6", f"item {item.id}, it is on sale and not in Redis"))
            elif item.epoch and units[item.id].is_retired:
                notes.append(f"item {item.id} is over and has left Redis: only its records were audited")
            elif item.epoch:
                notes.append(f"item {item.id} is over and Redis has lost it: only its records were audited")
            audited.append(
                AuditedItem(
                    item_id=item.id,
                    product_id=item.product_id,
                    allocated=item.allocated,
                    confirmed=units[item.id].confirmed,
                    reserved=units[item.id].reserved,
                    stock=None if held.epoch is None else held.stock,
                    waiting=None if held.epoch is None else held.waiting,
                )
            )
        rebuilt, recoveries = await count_recoveries(connection, sale_id)
        rejected = await count_rejected(connection, sale_id)
        dead_letters = await count_dead_letters(connection, sale_id)
        at = await database_now(connection)
    return SaleAudit(
        flash_sale_id=sale_id,
        name=sale.name,
        state=sale.state,
        at=at,
        items=audited,
        findings=findings,
        notes=notes,
        rebuilt=rebuilt,
        recoveries=recoveries,
        rejected=sum(rejected.values()),
        rejected_for=rejected,
        dead_letters=dead_letters,
    )


async def _in_redis(connection: Connection, upkeep: StockUpkeep, item: StockItem, held: RedisFigures) -> list[Finding]:
    contents = await upkeep.contents(item.id)
    purchases = await named_purchases(connection, item.id)
    owned = {str(customer): units for customer, units in await owned_units(connection, item.id)}
    found = [
        *_stock(item, held),
        *_entries(held, contents),
        *_customers(contents, owned),
        *_pending(contents, purchases),
        *_keys(contents, purchases),
    ]
    return [Finding(invariant, f"item {item.id}, {detail}") for invariant, detail in found]


_Found = Iterator[tuple[str, str]]


def _stock(item: StockItem, held: RedisFigures) -> _Found:
    if held.stock + item.sold != item.allocated:
        yield "I6", f"stock {held.stock} and {item.sold} taken are not {item.allocated} allocated"
    if not 0 <= held.stock <= item.allocated:
        yield "I10", f"stock {held.stock} of {item.allocated} allocated"
    why = why_rebuild(item, held)
    if why is not None and item.state == "active":
        yield "I6", f"Redis no longer holds it as recorded, and no worker has rebuilt it: {why}"


def _entries(held: RedisFigures, contents: ItemContents) -> _Found:
    if held.waiting:
        yield "I12", f"{held.waiting} entries wait in the stream"
    if contents.pending:
        yield "I12", f"{contents.pending} entries were taken and not acknowledged"


def _customers(contents: ItemContents, owned: dict[str, int]) -> _Found:
    apart = sorted(contents.owned.keys() | owned.keys(), key=str)
    wrong = [one for one in apart if contents.owned.get(one, 0) != owned.get(one, 0)]
    if wrong:
        reported = "; ".join(
            f"{one} {contents.owned.get(one, 0)} instead of {owned.get(one, 0)}" for one in wrong[:_SHOWN]
        )
        yield "I7", f"{len(wrong)} customers have other counts in Redis than recorded: {reported}"


def _pending(contents: ItemContents, purchases: list[NamedPurchase]) -> _Found:
    reserved = {str(one.id) for one in purchases if one.status == "reserved"}
    for name, ids in (("that can be released", contents.held), ("that wait to be decided", contents.undecided)):
        if ids != reserved:
            reported = ", ".join(sorted(ids ^ reserved)[:_SHOWN])
            yield "I7", f"the purchases {name} in Redis are not those recorded as reserved: {reported}"


def _keys(contents: ItemContents, purchases: list[NamedPurchase]) -> _Found:
    wanted = {f"{one.customer_id}|{one.idempotency_key}": str(one.id) for one in purchases if one.idempotency_key}
    recorded = {str(one.id) for one in purchases}
    wrong = Counter[str]()
    for field, purchase in wanted.items():
        if contents.named.get(field) != purchase:
            wrong[f"purchase {purchase} is named by no key or another's"] += 1
    for field, purchase in contents.named.items():
        # A key that belongs to another item of the sale names the purchase that was refused for it.
        if purchase not in recorded:
            wrong[f"key of {field.partition('|')[0]} names {purchase}, which is not recorded"] += 1
    if wrong:
        yield "I3", f"{len(wrong)} keys in Redis: {'; '.join(sorted(wrong)[:_SHOWN])}"
