"""Rules as they are stored, and what changed in a rulebook: what was written, with its identity, its version and when.

`changed_in` is the rulebook version in which the row became what it is. Equal texts and numbers of one reading are one
object, so that a million rates stay small.

Source: docs/spec/quotes.md#snapshot-and-clock; docs/spec/commission.md; docs/spec/pricing-rules.md;
docs/spec/feature-flags.md.
"""

from typing import Any

import msgspec

from quote_service.pricing.flags.stored_flag import StoredFlag
from quote_service.pricing.rulebook.rule import RuleDraft


class StoredRule(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a pricing rule; `version` counts within the rule's name."""

    id: str
    version: int
    draft: RuleDraft
    region_key: str
    created_by: str
    created_at_us: int
    changed_in: int


class CouponExhaustion(msgspec.Struct, frozen=True, gc=False):
    """A coupon that was used `uses` times, which reached a limit of a version of it; by one customer, or None for all.

    Whether it is exhausted is for the version that counts at the instant to say: `uses` >= its limit.
    """

    rule_name: str
    customer_id: str | None
    uses: int


class BudgetSpend(msgspec.Struct, frozen=True, gc=False):
    """What has been spent of the budgets of a rule, which could not cover a discount; by one customer, or None for all.

    Whether anything is left is for the version that counts at the instant to say.
    """

    rule_name: str
    currency: str
    customer_id: str | None
    spent_minor: int


class RulebookChanges(msgspec.Struct, frozen=True, kw_only=True):
    """All that still matters in a rulebook version, or what changed since the one held before.

    `version` rises with each change and never names two contents, whatever becomes of the database.

    `is_complete`: these rows are all there are; whatever was held before goes. Otherwise each row replaces the one of
    its id (an exhaustion that of its name and customer, a spend also of its currency), `ended_rate_ids` go, and so do archived flags. Rules come with
    `draft.is_active` either way. `rates` are StoredRates, or what the reader was asked to make of each.
    """

    version: int
    is_complete: bool
    rates: list[Any]
    ended_rate_ids: list[str]
    rules: list[StoredRule]
    flags: list[StoredFlag]
    exhaustions: list[CouponExhaustion]
    budget_spends: list[BudgetSpend] = []
