"""An admin makes an old version of a pricing rule the newest again.

Source: docs/spec/pricing-rules.md#versions.
"""

from uuid import UUID

import msgspec

from quote_service.platform.postgres.change import Change
from quote_service.platform.system.errors import Invalid, VersionConflict
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.pricing.rulebook.rule import RuleDraft, read_configuration, rule_faults
from quote_service.rulebook.pricing_rules.model.rule_records import RuleRecord, draft_of
from quote_service.rulebook.pricing_rules.operations.write_rule_version import hold_rule, write_version
from quote_service.rulebook.pricing_rules.tables.pricing_rules import newest_version


def rolled_back(held: RuleRecord) -> RuleDraft:
    """The content of the version that brings an old one back: all as it was, and active.

    Raises:
        Invalid: An older release wrote it, and today's write refuses it.
    """
    draft = msgspec.structs.replace(draft_of(held), is_active=True)
    if faults := tuple(rule_faults(draft, read_configuration(draft))):
        raise Invalid.because(faults)
    return draft


async def roll_back_rule(change: Change, rule_id: UUID, new_id: UUID, newest_seen: int) -> RuleRecord:
    """Add a version with the content of an old one, within the caller's transaction.

    Args:
        change: Its author.
        rule_id: The old version.
        new_id: The next version's id.
        newest_seen: The newest version when the author's request came in.

    Raises:
        NotFound: There is no such version.
        VersionConflict: Somebody wrote a version meanwhile.
    """
    held = await hold_rule(change.connection, rule_id, UNCONDITIONAL)
    newest = await newest_version(change.connection, held.name)
    if newest != newest_seen:
        raise VersionConflict(f"Version {newest} of {held.name} was created in the meantime; review it and try again")
    return await write_version(change, "rule.rollback", new_id, newest + 1, rolled_back(held), held)
