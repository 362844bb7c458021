"""An admin takes a version of a pricing rule out of force.

Source: docs/spec/pricing-rules.md#versions.
"""

from uuid import UUID

from quote_service.platform.postgres.change import Change
from quote_service.platform.system.preconditions import Precondition
from quote_service.rulebook.pricing_rules.operations.write_rule_version import hold_rule
from quote_service.rulebook.pricing_rules.tables.pricing_rules import switch_off


async def deactivate_rule(change: Change, rule_id: UUID, precondition: Precondition) -> None:
    """Make a version inactive, within the caller's transaction; one that is inactive stays as it is.

    The version below it counts again, where there is one in force.

    Raises:
        NotFound: There is no such version.
        Stale: It was switched off since the author saw it.
    """
    held = await hold_rule(change.connection, rule_id, precondition)
    if held.is_active:
        switched = await switch_off(change.connection, change, rule_id)
        await change.record("rule.deactivate", held, switched)
