"""What rules charged as tax on commission, for quotes that tell the rules and not the tax.

Source: docs/spec/quotes.md#forms.
"""

from collections.abc import Collection
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.rulebook.pricing_rules.model.commission_tax_versions import CommissionTaxVersion
from quote_service.rulebook.pricing_rules.tables.pricing_rules import rule_by_id


async def commission_tax_versions(
    connection: Connection, rule_ids: Collection[UUID]
) -> dict[UUID, CommissionTaxVersion]:
    """Versions of COMMISSION_TAX rules by their ids; versions are never changed, nor removed."""
    found = [await rule_by_id(connection, rule_id) for rule_id in sorted(rule_ids)]
    return {rule.id: CommissionTaxVersion.of(rule) for rule in found if rule is not None}
