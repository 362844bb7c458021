"""What a rulebook knows of products and customers, as of the moment at which a transaction reads.

Source: docs/decisions/followed-catalog.md.
"""

from collections.abc import Iterator

from quote_service.platform.postgres.pool import Connection
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.catalog.packed_counts import DemandCounts, PackedCounts
from quote_service.pricing.customers.customer_snapshot import CustomerSnapshot
from quote_service.pricing.rule_types.registry import RULE_TYPES
from quote_service.pricing.rulebook.compile_rule import compile_rule
from quote_service.pricing.rulebook.compiled_rule import CompiledRule
from quote_service.pricing.rulebook.rule import read_configuration
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.pricing.rulebook.stored import RulebookChanges
from quote_service.rulebook.snapshot.model.position import Asked, Known, Moment, Position
from quote_service.rulebook.snapshot.tables.asked_figures import read_changed_stock, read_demand, read_stock
from quote_service.rulebook.snapshot.tables.catalog_rows import (
    plan_by_index,
    read_catalog,
    read_changed_catalog,
    read_changed_customers,
    read_customers,
)

# So many values may be named by nothing any more, beside as many again as there were, before everything is read again.
_SPARE_VALUES = 100_000


def find_asked(held: Rulebook | None, changes: RulebookChanges | None, now_us: int) -> Asked:
    """The figures for which the price rules of a rulebook will ask once changes, if any, are applied to it.

    Raises:
        msgspec.ValidationError: A rule's configuration does not fit its type.
    """
    stock, hours = False, set[int]()
    for rule in _price_rules(held, changes):
        step = RULE_TYPES[rule.type].adjusts_price
        if step is None or rule.effective_to_us <= now_us:
            continue
        stock = stock or step.needs_stock
        window = step.demand_hours(rule.effect)
        if window is not None:
            hours.add(window)
    return Asked(stock, frozenset(hours))


async def read_known(
    connection: Connection,
    moment: Moment,
    catalog: CatalogSnapshot,
    customers: CustomerSnapshot,
    position: Position | None,
    asked: Asked,
) -> Known:
    """What is known as of the transaction of the connection.

    Args:
        connection: Within a transaction of one snapshot.
        moment: The one that the transaction reads.
        catalog: The one held, of which what did not change is shared.
        customers: The ones held.
        position: As of when these are; None for nothing held.
        asked: The figures to follow.
    """
    if position is None or position.moment.is_lost_from(moment) or _is_worn(catalog, customers, position):
        position, catalog, customers = None, await read_catalog(connection), await read_customers(connection)
    stock = catalog.stock
    if not asked.stock:
        stock = {} if stock else stock
    elif position is None or not position.asked.stock:
        stock = await read_stock(connection)
    demand, demand_hours = catalog.demand, catalog.demand_hours
    if position is None or position.asked.demand_hours != asked.demand_hours or _is_old(position.moment, moment, asked):
        demand, demand_hours = await _count_demand(connection, moment, asked)
    if position is not None:
        ended = moment.seen.ended_since(position.moment.seen)
        if ended:
            await plan_by_index(connection)
            if asked.stock and position.asked.stock and isinstance(stock, PackedCounts):
                rows = await read_changed_stock(connection, stock.rows, ended)
                stock = stock if rows is stock.rows else PackedCounts(rows)
            catalog = await read_changed_catalog(connection, catalog, ended)
            customers = await read_changed_customers(connection, customers, ended)
    if stock is not catalog.stock or demand is not catalog.demand:
        catalog = catalog.with_figures(stock, demand, catalog.parents, demand_hours)
    values = position.values if position is not None else _values(catalog, customers)
    return Known(catalog, customers, Position(moment, asked, values))


async def _count_demand(
    connection: Connection, moment: Moment, asked: Asked
) -> tuple[DemandCounts | dict[tuple[str, int], int], frozenset[int]]:
    if not asked.demand_hours:
        return {}, frozenset()
    counted = {hours: await read_demand(connection, moment.minute_us, hours) for hours in sorted(asked.demand_hours)}
    return DemandCounts(counted), asked.demand_hours


def _is_old(held: Moment, now: Moment, asked: Asked) -> bool:
    return bool(asked.demand_hours) and held.minute_us != now.minute_us


def _is_worn(catalog: CatalogSnapshot, customers: CustomerSnapshot, position: Position) -> bool:
    return _values(catalog, customers) > 2 * position.values + _SPARE_VALUES


def _values(catalog: CatalogSnapshot, customers: CustomerSnapshot) -> int:
    return catalog.rows.values + len(customers.terms.values)


def _price_rules(held: Rulebook | None, changes: RulebookChanges | None) -> Iterator[CompiledRule]:
    stored_rules = changes.rules if changes is not None else []
    changed = {stored.id for stored in stored_rules}
    if held is not None and not (changes is not None and changes.is_complete):
        yield from (known.compiled for key, known in held.rules.items() if key not in changed)
    for stored in stored_rules:
        declared = RULE_TYPES.get(stored.draft.type)
        if stored.draft.is_active and declared is not None and declared.adjusts_price is not None:
            yield compile_rule(stored, read_configuration(stored.draft))
