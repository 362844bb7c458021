"""What one version of a coupon or promotion limits, and the counters that its limits are of.

Source: docs/spec/pricing-rules.md#coupons; docs/spec/reservations.md#budgets.
"""

from typing import NamedTuple
from uuid import UUID

import msgspec


class UseKey(NamedTuple):
    """Uses of a coupon: by one customer, or by all (None)."""

    rule_name: str
    customer_id: UUID | None


class BudgetKey(NamedTuple):
    """Discounts of a rule in one currency: given to one customer, or to all (None)."""

    rule_name: str
    currency: str
    customer_id: UUID | None


class RuleTerms(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of one version; None is no limit. Amounts are in minor units of the version's currency.

    `code` is that of a coupon, and None for promotions.
    """

    rule_id: UUID
    rule_name: str
    is_active: bool
    currency: str | None
    code: str | None
    usage_limit: int | None
    usage_limit_per_customer: int | None
    budget_minor: int | None
    budget_per_customer_minor: int | None

    @property
    def has_budget(self) -> bool:
        """Whether it limits what it takes off."""
        return self.budget_minor is not None or self.budget_per_customer_minor is not None

    def use_limit(self, key: UseKey) -> int | None:
        """Its limit of these uses."""
        return self.usage_limit if key.customer_id is None else self.usage_limit_per_customer

    def budget(self, key: BudgetKey) -> int | None:
        """Its limit of these discounts."""
        return self.budget_minor if key.customer_id is None else self.budget_per_customer_minor
