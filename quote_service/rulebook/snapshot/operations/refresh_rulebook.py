"""Bring what a worker holds to the state of the database: rules, rates and flags, products and customers, all as of one moment.

Source: docs/spec/quotes.md#snapshot-and-clock; docs/decisions/followed-catalog.md.
"""

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.clock import now_us
from quote_service.pricing.commission.compiled_rate import compile_rate
from quote_service.pricing.rulebook.rulebook import empty_rulebook
from quote_service.rulebook.snapshot.model.position import Moment
from quote_service.rulebook.snapshot.operations.read_known import find_asked, read_known
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from quote_service.rulebook.snapshot.tables.moment import has_changed, read_committed
from quote_service.rulebook.snapshot.tables.rulebook_rows import read_changes_within


async def refresh_rulebook(database: Database, holder: RulebookHolder, *, all_flags: bool = False) -> int:
    """Read what changed since the held version and apply it; everything, when the database does not know that version.

    What changed of the catalog and of customers comes with it, in the same reading: of one transaction that changed a rule and
    a price, both are seen or none.

    Args:
        database: Where the rulebook is.
        holder: Its version is read; what changed is applied to it, or what it holds is confirmed.
        all_flags: Apply every flag again, changed or not.

    Returns:
        The version held now.

    Raises:
        Unavailable: The database cannot be reached; what is held stays.
        RowUnreadable: A stored row cannot be understood; what is held stays.
        msgspec.ValidationError: A rule's configuration does not fit its type; what is held stays.
    """
    async with database.snapshot() as connection:
        version, moment, _ = await read_committed(connection)
        changes = None
        if all_flags or version != holder.version:
            changes = await read_changes_within(connection, holder.version, all_flags=all_flags, each_rate=compile_rate)
        held = holder.rulebook if holder.rulebook is not None else empty_rulebook()
        asked = find_asked(holder.rulebook, changes, now_us())
        known = await read_known(connection, moment, held.catalog, held.customers, holder.position, asked)
    if changes is not None:
        holder.apply(changes, known)
    else:
        holder.learn(known)
        holder.confirm()
    return version


async def is_current(database: Database, holder: RulebookHolder, moment: Moment) -> bool:
    """Whether catalog, customers and the figures asked for are held as they are at a moment.

    It costs a look into some indexes, however much was changed before and however long some transaction has been running.

    Raises:
        Unavailable: The database cannot be reached.
    """
    position = holder.position
    if position is None or position.moment.is_lost_from(moment):
        return False
    if position.asked.demand_hours and position.moment.minute_us != moment.minute_us:
        return False
    ended = moment.seen.ended_since(position.moment.seen)
    if ended:
        async with database.read() as connection:
            if await has_changed(connection, ended, with_stock=position.asked.stock):
                return False
        holder.confirm_catalog(moment)
    return True
