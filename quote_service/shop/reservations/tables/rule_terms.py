"""The limits of coupons and promotions, read from the versions of their rules as they are stored.

Source: docs/spec/pricing-rules.md#coupons; docs/spec/reservations.md#budgets.
"""

from collections.abc import Collection
from decimal import Decimal
from uuid import UUID

from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.numbers import scale_decimal
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.records import record_of
from quote_service.shop.reservations.model.rule_terms import RuleTerms

STATEMENTS = Statements(__file__, "rule_terms")
# Versions never change: one that was seen to limit nothing never will, and most promotions do not.
_REMEMBERED_MAX = 100_000
_without_limits: set[UUID] = set()


async def read_terms(connection: Connection, rule_ids: Collection[UUID]) -> list[RuleTerms]:
    """Limits of these versions, and of the others of their rules that may count, by name and version.

    A promotion without a budget has none and is left out; where all are known to be such, nothing is asked.
    """
    asked = [rule_id for rule_id in rule_ids if rule_id not in _without_limits]
    if not asked:
        return []
    terms = [
        record_of(
            RuleTerms,
            row,
            budget_minor=_minor(row["budget"], row["currency"]),
            budget_per_customer_minor=_minor(row["budget_per_customer"], row["currency"]),
        )
        for row in await connection.fetch(STATEMENTS["terms"], asked)
    ]
    if len(_without_limits) < _REMEMBERED_MAX:
        _without_limits.update(set(asked).difference(each.rule_id for each in terms))
    return terms


def _minor(amount: str | None, currency: str | None) -> int | None:
    if amount is None or currency is None:  # an amount without a currency is refused when a rule is written
        return None
    return scale_decimal(Decimal(amount), EXPONENTS[currency])
