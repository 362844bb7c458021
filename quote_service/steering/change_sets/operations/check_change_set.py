"""Look at a change set before it is published: would it go through, and what would the rule check say of the result?

Source: docs/spec/change-sets.md#check-and-simulation.
"""

from uuid import UUID

import msgspec

from quote_service.platform.documents.literals import json_literal
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import Author
from quote_service.platform.system.errors import Conflict, Invalid
from quote_service.platform.system.instants import to_micros
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.pricing.check.finding import Finding
from quote_service.rulebook.snapshot.operations.check_rulebook import check_whole
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from quote_service.steering.change_sets.model.change_sets import OPEN, ChangeSet, require_status
from quote_service.steering.change_sets.model.checks import ChangeSetCheck
from quote_service.steering.change_sets.operations.hold_change_set import hold_change_set
from quote_service.steering.change_sets.operations.publish_change_set import write_contents
from quote_service.steering.change_sets.operations.resulting_rulebook import resulting_rulebook
from quote_service.steering.change_sets.tables.change_sets import read_change_set


class _Undone(Exception):
    """Takes back what was only tried."""


async def check_change_set(database: Database, holder: RulebookHolder, change: Author, set_id: UUID) -> ChangeSetCheck:
    """Try to write a set, take that back, and hold the resulting rulebook against the one there is.

    Args:
        database: Where the set is.
        holder: Of the rulebook.
        change: Who asks, and when.
        set_id: Which.

    Raises:
        NotFound: There is no such set.
        ChangeSetStateForbids: It is neither a draft nor scheduled.
        Unavailable: The database cannot be reached, or no rulebook has been loaded yet.
    """
    async with database.read() as connection:
        held = await read_change_set(connection, set_id)
    require_status(held, *OPEN, "scheduled")
    errors = await _try(database, change, held)
    at_us = max(change.at_us, to_micros(held.publish_at) if held.publish_at is not None else 0)
    books = await resulting_rulebook(database, holder, held.contents)
    before = await check_whole(books.now, at_us)
    after = await check_whole(books.resulting, at_us)
    known = {_of(finding) for finding in before.findings}
    left = {_of(finding) for finding in after.findings}
    return ChangeSetCheck(
        edition=held.edition,
        errors=errors,
        findings=[finding for finding in after.findings if _of(finding) not in known],
        resolved_findings=[finding for finding in before.findings if _of(finding) not in left],
        is_complete=before.is_complete and after.is_complete,
    )


async def _try(database: Database, change: Author, held: ChangeSet) -> list[dict[str, str]]:
    """What stands against writing the set now."""
    named = msgspec.structs.replace(change, change_set_id=held.id)
    try:
        async with database.transaction() as connection:
            await write_contents(
                Change.within(connection, named), await hold_change_set(connection, held.id, UNCONDITIONAL)
            )
            raise _Undone
    except _Undone:
        return []
    except (Conflict, Invalid) as refused:
        found = [{"pointer": fault.pointer, "detail": fault.detail} for fault in refused.faults]
        return found or [{"pointer": "", "detail": refused.detail}]


def _of(finding: Finding) -> str:
    """What two findings have in common that say the same of the same."""
    return json_literal((finding.code, finding.why, [(each.kind, each.id) for each in finding.rows]))
