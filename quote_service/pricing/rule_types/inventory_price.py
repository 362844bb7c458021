"""INVENTORY_PRICE: another price while there is little of a product, or much.

Source: docs/spec/pricing-rules.md#inventory_price.
"""

from collections.abc import Iterator
from typing import Annotated

import msgspec

from quote_service.platform.system.errors import Fault
from quote_service.pricing.catalog.offer import Offer
from quote_service.pricing.catalog.price_change import PriceChange, PriceEffect
from quote_service.pricing.catalog.price_step import Circumstances, PriceStep
from quote_service.pricing.rule_types.adjust_prices import adjust_by_stock
from quote_service.pricing.rule_types.configuration import RuleConfiguration
from quote_service.pricing.rule_types.price_changes.compile_changes import (
    adjustment_faults,
    common_effect,
    compile_adjustment,
)
from quote_service.pricing.rule_types.price_changes.fields import PRICE_CONDITIONS, Adjustment, PriceFields
from quote_service.pricing.rule_types.rule_type import DeclaredRuleType

Stock = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]


class LowStock(RuleConfiguration, frozen=True, kw_only=True):
    """A change of the price while there are fewer than so many units."""

    below: Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]
    """The change counts while fewer units than this can be sold."""
    adjustment: Adjustment
    """What the price changes by."""


class HighStock(RuleConfiguration, frozen=True, kw_only=True):
    """A change of the price while there are more than so many units."""

    above: Stock
    """The change counts while more units than this can be sold."""
    adjustment: Adjustment
    """What the price changes by."""


class InventoryPrice(PriceFields, frozen=True, kw_only=True):
    """Changes the price of a unit by how many can be sold: of the variant, or of its product where the variant has no stock
    of its own. Where the stock is not known it does nothing.
    """

    low: LowStock | None = None
    """What little stock changes; null for nothing. One of `low` and `high` is required."""
    high: HighStock | None = None
    """What much stock changes; null for nothing."""


class InventoryPriceEffect(PriceEffect, frozen=True):
    low: tuple[int, PriceChange] | None
    high: tuple[int, PriceChange] | None


def _compile(fields: InventoryPrice, exponent: int) -> InventoryPriceEffect:
    low, high = fields.low, fields.high
    return InventoryPriceEffect(
        **common_effect(fields),
        low=None if low is None else (low.below, compile_adjustment(low.adjustment)),
        high=None if high is None else (high.above, compile_adjustment(high.adjustment)),
    )


def _faults(fields: InventoryPrice, exponent: int) -> Iterator[Fault]:
    low, high = fields.low, fields.high
    if low is None and high is None:
        yield Fault("/configuration/low", "one of low and high is required")
    if low is not None:
        yield from adjustment_faults(low.adjustment, "/configuration/low/adjustment")
    if high is not None:
        yield from adjustment_faults(high.adjustment, "/configuration/high/adjustment")
    if low is not None and high is not None and high.above < low.below:
        yield Fault("/configuration/high/above", "must not be less than low's below")


def _why_not(effect: InventoryPriceEffect, offer: Offer) -> str:
    # Explained is what was; nobody keeps the stock of then.
    return "no stock was known, or it was within the rule's bounds"


def _extremes(effect: InventoryPriceEffect) -> Iterator[Circumstances]:
    if effect.low is not None:
        yield Circumstances(stock=effect.low[0] - 1)
    if effect.high is not None:
        yield Circumstances(stock=effect.high[0] + 1)


RULE_TYPE = DeclaredRuleType(
    name="INVENTORY_PRICE",
    choice="all",
    configuration=InventoryPrice,
    compile=_compile,
    faults=_faults,
    conditions=PRICE_CONDITIONS,
    adjusts_price=PriceStep(find_change=adjust_by_stock, why_not=_why_not, extremes=_extremes, needs_stock=True),
)
