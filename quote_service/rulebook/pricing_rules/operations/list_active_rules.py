"""Every version of a pricing rule that has not been switched off, for whoever looks at the rules as a whole.

Source: docs/spec/pricing-rules.md#versions.
"""

from quote_service.platform.postgres.pool import Connection
from quote_service.rulebook.pricing_rules.model.rule_records import RuleFilters, RuleRecord
from quote_service.rulebook.pricing_rules.tables.pricing_rules import newest_version as number_of_newest
from quote_service.rulebook.pricing_rules.tables.pricing_rules import page_of_rules, rule_by_version

_ALL = 1_000_000


async def list_active_rules(connection: Connection) -> list[RuleRecord]:
    """The versions, by name and newest first."""
    return await page_of_rules(connection, RuleFilters(is_active=True), after=None, limit=_ALL)


async def newest_version(connection: Connection, name: str) -> RuleRecord | None:
    """The highest version of a name, active or not; sure only under the rulebook's lock."""
    number = await number_of_newest(connection, name)
    return None if number is None else await rule_by_version(connection, name, number)
