"""What a kind of discount is: one value of this struct, in a module of its own, is all that a new kind takes.

`registry.py` finds the module. The wire's list of kinds, what is refused on write, prices, calculations, the explanation and
the rule check are made from it. A kind that wants a field which no other has adds that to `fields.py` as well.

Amounts are minor units; percentages millionths of a percent.
"""

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

import msgspec

from quote_service.platform.system.errors import Fault
from quote_service.pricing.basket import BasketItem
from quote_service.pricing.calculation_inputs import DiscountInputs
from quote_service.pricing.quote import QuoteLine
from quote_service.pricing.rule_types.discounts.fields import AppliesTo, DiscountFields

TAKES_NOTHING = "it takes nothing off, whatever the basket"


class BundleSlot(msgspec.Struct, frozen=True):
    """What one place of a set takes: `quantity` units of lines whose product, category or tag is among these."""

    field: Literal["product_ids", "category_ids", "tags_any"]
    values: frozenset[str]
    quantity: int

    def fits(self, item: BasketItem) -> bool:
        """Whether the units of a line can stand in this place."""
        if self.field == "product_ids":
            return item.product_id in self.values
        if self.field == "category_ids":
            return item.category_id in self.values
        return not self.values.isdisjoint(item.tags or ())


class DiscountEffect(msgspec.Struct, frozen=True):
    """A promotion or a coupon. `value` is millionths of a percent or minor units, by kind.

    `respects_min_price`: it takes no line below the `min_price` of its product.

    `platform_micro` is the platform's share of the discount in millionths of a percent; a limit or budget of null is none.
    """

    kind: "DiscountKind"
    value: int
    max_minor: int | None
    applies_to: AppliesTo
    platform_micro: int
    buy: int
    get: int
    tiers: tuple[tuple[int, int], ...]
    slots: tuple[BundleSlot, ...]
    sets_max: int | None
    is_exclusive: bool
    excludes_all: bool
    code: str | None
    is_combinable: bool
    with_promotions: bool
    respects_min_price: bool
    usage_limit: int | None
    usage_limit_per_customer: int | None
    budget_minor: int | None
    budget_per_customer_minor: int | None

    @property
    def has_budget(self) -> bool:
        """Whether what it takes off all quotes, or all of one customer, is limited."""
        return self.budget_minor is not None or self.budget_per_customer_minor is not None


class Taken(NamedTuple):
    """What a discount takes off each covered line, in their order, before its `max_discount`.

    `weights` are what a discount of several lines together is split by, None for one of each line by itself. `inputs` are the calculation's with what its figures rest on besides; those that every discount has are filled in.
    """

    amounts_minor: list[int]
    inputs: DiscountInputs | None = None
    weights: list[int] | None = None


# Of the covered lines, and what each has left of its total; with the currency's exponent.
Take = Callable[[DiscountEffect, list[QuoteLine], list[int], int], Taken]


def _no_faults(discount: DiscountFields) -> Iterator[Fault]:
    yield from ()


def _nothing(effect: DiscountEffect, fee_minor: int) -> int:
    return 0


def _no_reason(effect: DiscountEffect) -> str | None:
    return None


def _one_unit(effect: DiscountEffect) -> int:
    return 1


class DiscountKind(msgspec.Struct, frozen=True, kw_only=True):
    """How a discount is worked out, told, refused and checked."""

    name: str
    """What `kind` is on the wire."""
    fields: tuple[str, ...]
    """The fields of `DiscountFields` that are its own: required, and refused for kinds that do not name them."""
    optional: tuple[str, ...] = ()
    """Those of `fields` that may be left out."""
    is_amount: bool = False
    """Whether `value` is money, so that the rule must name its currency; a percentage otherwise."""
    applies_to: tuple[AppliesTo, ...] = ("basket", "lines")
    """Where it can act."""
    elsewhere: str | None = None
    """Why it cannot act anywhere else; None where there is no more to say."""
    faults: Callable[[DiscountFields], Iterator[Fault]] = _no_faults
    """What is wrong with its own fields, though each is well formed; pointers are relative to the rule."""

    take: Take
    """What it takes off covered lines, never more than a line has left."""
    off_fee: Callable[[DiscountEffect, int], int] = _nothing
    """What it takes off a delivery fee, never more than the fee; also for rows that a former release let through."""
    promise: Callable[[DiscountEffect, int], str]
    """What it promises in a few words, for calculations; given the exponent of the currency."""

    why_never: Callable[[DiscountEffect], str | None] = _no_reason
    """For the rule check: why it takes nothing off any basket; None where it can."""
    always_acts: bool = False
    """For the rule check: whether it takes something off every basket, but for rounding, where its value is not 0."""
    is_proportional: bool = False
    """For the rule check: whether twice the price is twice the discount."""
    group_units: Callable[[DiscountEffect], int] = _one_unit
    """For the rule check: of how many units it takes something off at all."""
    cheaper_from: Callable[[DiscountEffect], int | None] = lambda effect: None
    """For the rule check: the number of units from which a basket costs less than with one unit fewer; None if none."""
