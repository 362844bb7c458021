"""USER_TIER_PRICE: another price for customers of some tiers.

Source: docs/spec/pricing-rules.md#user_tier_price.
"""

from collections.abc import Iterator
from typing import Annotated

import msgspec

from quote_service.platform.money.quantities import pointer_part
from quote_service.platform.system.errors import Fault
from quote_service.pricing.catalog.offer import Offer
from quote_service.pricing.catalog.price_change import PriceChange, PriceEffect
from quote_service.pricing.catalog.price_step import Circumstances, PriceStep
from quote_service.pricing.rule_types.adjust_prices import adjust_by_tier
from quote_service.pricing.rule_types.price_changes.compile_changes import (
    adjustment_faults,
    common_effect,
    compile_adjustment,
)
from quote_service.pricing.rule_types.price_changes.fields import PRICE_CONDITIONS, Adjustment, PriceFields
from quote_service.pricing.rule_types.rule_type import DeclaredRuleType

Tier = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class UserTierPrice(PriceFields, frozen=True, kw_only=True):
    """Changes the price of a unit for customers of some tiers."""

    tiers: Annotated[dict[Tier, Adjustment], msgspec.Meta(min_length=1, max_length=100)]
    """What the price changes by, by the customer's tier."""


class UserTierPriceEffect(PriceEffect, frozen=True):
    changes: dict[str, PriceChange]


def _compile(fields: UserTierPrice, exponent: int) -> UserTierPriceEffect:
    changes = {tier: compile_adjustment(adjustment) for tier, adjustment in fields.tiers.items()}
    return UserTierPriceEffect(**common_effect(fields), changes=changes)


def _faults(fields: UserTierPrice, exponent: int) -> Iterator[Fault]:
    for tier, adjustment in fields.tiers.items():
        yield from adjustment_faults(adjustment, f"/configuration/tiers/{pointer_part(tier)}")


def _why_not(effect: UserTierPriceEffect, offer: Offer) -> str:
    tier = offer.customer_tier
    return "the customer has no tier" if tier is None else f"it has nothing for the tier {tier}"


def _extremes(effect: UserTierPriceEffect) -> Iterator[Circumstances]:
    for tier in effect.changes:
        yield Circumstances(tier=tier)


RULE_TYPE = DeclaredRuleType(
    name="USER_TIER_PRICE",
    choice="all",
    configuration=UserTierPrice,
    compile=_compile,
    faults=_faults,
    conditions=PRICE_CONDITIONS,
    adjusts_price=PriceStep(find_change=adjust_by_tier, why_not=_why_not, extremes=_extremes),
)
