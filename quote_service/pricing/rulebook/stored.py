"""Rates, rules and flags as they are stored: what was written, with its identity, its version and when it changed.

`changed_in` is the rulebook version in which the row became what it is. Equal texts and numbers of one reading are one
object, so that a million rates stay small.

Source: spec 2, "The rules that a quote sees are one consistent snapshot"; spec 3; spec 4; spec 6.
"""

from typing import Any

import msgspec

from quote_service.domain.flags import FlagDraft
from quote_service.domain.numbers import ExactNumber
from quote_service.domain.rates import CommissionScope, CommissionTier, CommissionType, Dimension
from quote_service.domain.rules.rule import RuleDraft


class StoredRate(msgspec.Struct, frozen=True, gc=False):
    """A commission rate that counts, now or later; identifiers are canonical lower-case text.

    `scope` and `split` are None where none was given. Instants are microseconds, an open end is FOREVER.
    """

    id: str
    seller_id: str | None
    category_id: str | None
    logistics_provider: str | None
    commission_type: CommissionType
    rate: ExactNumber | None
    min_amount: ExactNumber | None
    max_amount: ExactNumber | None
    tiers: tuple[CommissionTier, ...] | None
    scope: CommissionScope | None
    split: tuple[tuple[Dimension, ExactNumber], ...] | None
    currency: str | None
    region: str | None
    region_key: str
    effective_from_us: int
    effective_to_us: int
    priority: int
    changed_in: int


class StoredRule(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a pricing rule; `version` counts within the rule's name."""

    id: str
    version: int
    draft: RuleDraft
    region_key: str
    created_by: str
    created_at_us: int
    changed_in: int


class StoredFlag(msgspec.Struct, frozen=True, kw_only=True):
    """A feature flag; its numbers keep their literal: int where written as one, else ExactNumber.

    An archived one has no rollout.
    """

    id: str
    version: int
    draft: FlagDraft
    is_archived: bool
    changed_in: int


class CouponExhaustion(msgspec.Struct, frozen=True, gc=False):
    """A coupon that was used `uses` times, which reached a limit of a version of it; by one customer, or None for all.

    Whether it is exhausted is for the version that counts at the instant to say: `uses` >= its limit.
    """

    rule_name: str
    customer_id: str | None
    uses: int


class RulebookChanges(msgspec.Struct, frozen=True, kw_only=True):
    """All that still matters in a rulebook version, or what changed since the one held before.

    `version` rises with each change and never names two contents, whatever becomes of the database.

    `is_complete`: these rows are all there are; whatever was held before goes. Otherwise each row replaces the one of
    its id (an exhaustion that of its name and customer), `ended_rate_ids` go, and so do archived flags. Rules come with
    `draft.is_active` either way. `rates` are StoredRates, or what the reader was asked to make of each.
    """

    version: int
    is_complete: bool
    rates: list[Any]
    ended_rate_ids: list[str]
    rules: list[StoredRule]
    flags: list[StoredFlag]
    exhaustions: list[CouponExhaustion]
