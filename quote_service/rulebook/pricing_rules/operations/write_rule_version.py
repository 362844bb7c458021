"""Write a version of a pricing rule, with its audit row and what its limits and budgets mean for what was used before.

Source: docs/spec/pricing-rules.md#versions; docs/spec/access.md#audit-log.
"""

from uuid import UUID

from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import NotFound
from quote_service.platform.system.preconditions import Precondition
from quote_service.pricing.rule_types.coupon import Coupon
from quote_service.pricing.rule_types.discounts.fields import DiscountFields
from quote_service.pricing.rule_types.scaled import optional_scaled
from quote_service.pricing.rulebook.rule import RuleDraft, read_configuration
from quote_service.rulebook.pricing_rules.model.rule_records import RuleRecord
from quote_service.rulebook.pricing_rules.tables.pricing_rules import (
    hold_rules,
    insert_version,
    record_budget_spends,
    record_exhaustions,
    rule_by_id,
)


async def hold_rule(connection: Connection, rule_id: UUID, precondition: Precondition) -> RuleRecord:
    """A version as it is, under the rulebook's lock, so that it stays so.

    Raises:
        NotFound: There is no such version.
        Stale: It was switched since the caller saw it.
    """
    await hold_rules(connection)
    held = await rule_by_id(connection, rule_id)
    if held is None:
        raise NotFound("There is no such pricing rule")
    precondition.require(str(rule_id), held.revision)
    return held


async def write_version(
    change: Change,
    action: str,
    rule_id: UUID,
    version: int,
    draft: RuleDraft,
    before: RuleRecord | None,
) -> RuleRecord:
    """Write a version under the rulebook's lock; `before` is the one that the audit log shows it beside."""
    written = await insert_version(change.connection, change, rule_id, version, draft)
    configuration = read_configuration(draft)
    if isinstance(configuration, Coupon):
        limits = (configuration.usage_limit, configuration.usage_limit_per_customer)
        await record_exhaustions(change.connection, draft.name, *limits)
    if isinstance(configuration, DiscountFields) and draft.currency is not None:
        exponent = EXPONENTS[draft.currency]
        budgets = (configuration.budget, configuration.budget_per_customer)
        minor = (optional_scaled(budget, exponent) for budget in budgets)
        await record_budget_spends(change.connection, draft.name, draft.currency, *minor)
    await change.record(action, before, written)
    return written
