"""Bring rates, rules and flags to what a file says: all of it or nothing.

Everything is read and written under the rulebook's lock, so that what an admin changes meanwhile is either part of what the
plan goes by, or comes after it.

Source: docs/spec/rulebook-files.md#import.
"""

from collections.abc import Collection

from quote_service.platform.postgres.change import Change
from quote_service.platform.system.errors import VersionConflict
from quote_service.rulebook.feature_flags.operations.hold_flag import hold_all_flags
from quote_service.steering.rulebook_files.model.plan import Plan, make_plan
from quote_service.steering.rulebook_files.model.rulebook_file import RulebookFile, Section
from quote_service.steering.rulebook_files.operations.read_held import read_held, state_of
from quote_service.steering.rulebook_files.operations.write_plan import write_plan


async def import_rulebook(
    change: Change,
    file: RulebookFile,
    sections: Collection[Section],
    *,
    prune: bool = False,
    expected_state: str | None = None,
) -> Plan:
    """Write what differs, within the caller's transaction; answers what was done.

    Args:
        change: Its author.
        file: What is wanted, without faults of its own.
        sections: Those that the file has.
        prune: Whether what the file does not have is removed.
        expected_state: What was in force when a person looked (`state_of`); None for whatever is.

    Raises:
        VersionConflict: Something else is in force than was expected.
        Invalid, RateOverlaps, NameTaken: Something cannot be written; pointers are those of the file.
    """
    await hold_all_flags(change.connection)
    held = await read_held(change.connection, change.at_us, sections)
    if expected_state is not None and state_of(held) != expected_state:
        raise VersionConflict(
            "Somebody changed the rulebook since this state was read: look at the differences again (--dry-run)"
        )
    plan = make_plan(file, held, prune=prune)
    await write_plan(change, plan)
    return plan
