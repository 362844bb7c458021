"""Bring what a worker holds to the rulebook version that is committed.

Source: docs/spec/quotes.md#snapshot-and-clock.
"""

from quote_service.postgres.pool import Database
from quote_service.pricing.commission.compiled_rate import compile_rate
from quote_service.rulebook.operations.rulebook_holder import RulebookHolder
from quote_service.rulebook.tables.rulebook_rows import read_changes


async def refresh_rulebook(database: Database, holder: RulebookHolder, *, all_flags: bool = False) -> int:
    """Read what changed since the held version and apply it; everything, when the database does not know that version.

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
    changes = await read_changes(database, holder.version, all_flags=all_flags, each_rate=compile_rate)
    if all_flags or changes.is_complete or changes.version != holder.version:
        holder.apply(changes)
    else:
        holder.confirm()
    return changes.version
