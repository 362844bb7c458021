"""Bring what a worker holds to the rulebook version that is committed.

Source: spec 2, "A change of rules, rates, flags or prices is visible to new quotes on every worker within 1 s".
"""

from typing import Protocol

from quote_service.domain.stored import RulebookChanges
from quote_service.postgres.pool import Database
from quote_service.postgres.rulebook_rows import NOTHING_HELD, read_changes


class RulebookHolder(Protocol):
    """Whoever compiles the changes and swaps the rulebook in by one assignment."""

    @property
    def version(self) -> int:
        """The version held; NOTHING_HELD (0) before the first."""
        ...

    def apply(self, changes: RulebookChanges) -> None:
        """Make the held rulebook that of `changes.version`, whole or not at all."""
        ...


async def refresh_rulebook(database: Database, holder: RulebookHolder, *, all_flags: bool = False) -> int:
    """Read what changed since the held version and apply it; everything, when the database does not know that version.

    Args:
        database: Where the rulebook is.
        holder: Its version is read, and what changed is applied to it when there is anything.
        all_flags: Apply every flag again, changed or not.

    Returns:
        The version held now.

    Raises:
        Unavailable: The database cannot be reached; what is held stays.
        RowUnreadable: A stored row cannot be understood; what is held stays.
    """
    changes = await read_changes(database, holder.version, all_flags=all_flags)
    if all_flags or changes.is_complete or changes.version != holder.version:
        holder.apply(changes)
    return changes.version


__all__ = ["NOTHING_HELD", "RulebookHolder", "refresh_rulebook"]
