"""An admin makes a pricing rule.

Source: docs/spec/pricing-rules.md#versions.
"""

from uuid import UUID

from quote_service.platform.postgres.change import Change
from quote_service.platform.system.errors import NameTaken
from quote_service.pricing.rulebook.rule import RuleDraft
from quote_service.rulebook.pricing_rules.model.rule_records import RuleRecord
from quote_service.rulebook.pricing_rules.operations.write_rule_version import write_version
from quote_service.rulebook.pricing_rules.tables.pricing_rules import hold_rules, newest_version


async def create_rule(change: Change, rule_id: UUID, draft: RuleDraft) -> RuleRecord:
    """Write version 1 of a name, within the caller's transaction.

    Args:
        change: Its author.
        rule_id: A new id.
        draft: With a start and without faults.

    Raises:
        NameTaken: There is a rule of this name, active or not.
    """
    await hold_rules(change.connection)
    if await newest_version(change.connection, draft.name) is not None:
        raise NameTaken("A rule with this name already exists; create its next version instead")
    return await write_version(change, "rule.create", rule_id, 1, draft, None)
