"""An admin writes the next version of a pricing rule.

Source: docs/spec/pricing-rules.md#versions.
"""

from uuid import UUID

from quote_service.platform.postgres.change import Change
from quote_service.platform.system.errors import Invalid, VersionConflict
from quote_service.platform.system.preconditions import Precondition
from quote_service.pricing.rulebook.rule import RuleDraft
from quote_service.rulebook.pricing_rules.model.rule_records import RuleRecord, identity_faults
from quote_service.rulebook.pricing_rules.operations.write_rule_version import hold_rule, write_version
from quote_service.rulebook.pricing_rules.tables.pricing_rules import newest_version


async def replace_rule(
    change: Change, rule_id: UUID, new_id: UUID, draft: RuleDraft, precondition: Precondition
) -> RuleRecord:
    """Add the version after the newest, within the caller's transaction; the row of `rule_id` stays as it is.

    Args:
        change: Its author.
        rule_id: The version that the author started from.
        new_id: The next version's id.
        draft: The whole content, with a start and without faults.
        precondition: What the author has seen of `rule_id`.

    Raises:
        NotFound: There is no such version.
        Stale: It was switched off since the author saw it.
        VersionConflict: It is not the newest version: somebody wrote one after it.
        Invalid: Name or type is another.
    """
    held = await hold_rule(change.connection, rule_id, precondition)
    newest = await newest_version(change.connection, held.name)
    if newest != held.version:
        raise VersionConflict(
            f"This is version {held.version} of {held.name}, and the newest is {newest}; update that one"
        )
    if faults := identity_faults(held, draft):
        raise Invalid.because(faults)
    return await write_version(change, "rule.replace", new_id, held.version + 1, draft, held)
