"""What a discount is configured with, whatever its kind; each kind names which of these fields are its own.

A kind that needs a field of its own adds it here, optional, and names it in its `fields`.

Source: docs/spec/pricing-rules.md#discounts.
"""

from typing import Annotated, Literal
from uuid import UUID

import msgspec

from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.money.quantities import Amount, Percent
from quote_service.pricing.rule_types.configuration import RuleConfiguration, ShortText, Units

AppliesTo = Literal["basket", "lines", "delivery"]
FundedBy = Literal["seller", "platform", "shared"]
# An object is spread over the fields beside it before this is read (`normalised_configuration`).
DiscountValue = Annotated[
    ExactNumber,
    msgspec.Meta(
        extra_json_schema={
            "type": ["number", "string", "object"],
            "minimum": 0,
            "pattern": r"^(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$",
            "additionalProperties": True,
        }
    ),
]


class DiscountTier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A percentage that applies once the covered lines total at least `from`."""

    reached: Amount = msgspec.field(name="from")
    """Total of the covered lines from which this tier counts, in the rule's currency; tiers must ascend."""
    percent: Percent
    """Percentage taken off the covered lines when this is the highest tier reached, from 0 to 100."""


class BundleItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`quantity` units of a set, of lines that one of the three lists names; exactly one list is given."""

    quantity: Units = 1
    """How many units of one set this item takes."""
    product_ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=1000)] | None = None
    """Units of one of these products fit; null where another list is given."""
    category_ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=1000)] | None = None
    """Units of one of these categories fit; null where another list is given."""
    tags_any: Annotated[list[ShortText], msgspec.Meta(min_length=1, max_length=1000)] | None = None
    """Units of a line with one of these tags fit; null where another list is given."""


class DiscountFields(RuleConfiguration, frozen=True, kw_only=True):
    """A discount of any kind: `kind` says which, and which of the fields below it takes."""

    kind: str
    """How the discount is worked out."""
    value: DiscountValue | None = None
    """For `percent`, the percentage from 0 to 100; for `amount`, `fixed_price` (a unit) and `bundle` (a set), money in
    the rule's currency.
    Required for those kinds, refused for the others. An object with the fields of the other kinds (`buy`, `get`,
    `percent`; `tiers`) may stand here instead of writing them beside `kind`.
    """
    max_discount: Amount | None = None
    """The most that this rule takes off one quote, in the rule's currency; null for no limit."""
    budget: Amount | None = None
    """The most that this rule takes off all accepted quotes together, in the rule's currency; null for no limit. A quote
    whose discount would pass it gets nothing from this rule.
    """
    budget_per_customer: Amount | None = None
    """The most that this rule takes off all accepted quotes of one customer, in the rule's currency; null for no limit.
    """
    applies_to: AppliesTo = "basket"
    """What is discounted: `basket` works on the sum of the covered lines, `lines` on each covered line by itself (with
    `amount`, on each unit), `delivery` on the delivery fee (kinds `percent` and `amount` only). `fixed_price`
    takes `lines` only; for `buy_x_get_y` and `bundle`, `basket` and `lines` are the same.
    """
    funded_by: FundedBy | None = None
    """Who pays for the discount: `seller` lowers the seller's payout and the commission base, `platform` lowers
    neither, `shared` splits it by `platform_percent`. Null for `seller`, and for `platform` where `applies_to` is
    `delivery`, which takes nothing else.
    """
    platform_percent: Percent | None = None
    """The platform's part of a `shared` discount in percent, from 0 to 100. Required for `shared`, refused otherwise.
    """
    buy: Units | None = None
    """For `buy_x_get_y`: how many units have to be bought at full price."""
    get: Units | None = None
    """For `buy_x_get_y`: how many units are then discounted."""
    percent: Percent | None = None
    """For `buy_x_get_y`: percentage taken off the discounted units, from 0 to 100; null for 100, which makes them
    free.
    """
    tiers: Annotated[list[DiscountTier], msgspec.Meta(min_length=1, max_length=100)] | None = None
    """For `tiered_percent`: the tiers, ascending by `from`; the highest tier reached counts."""
    items: Annotated[list[BundleItem], msgspec.Meta(min_length=1, max_length=5)] | None = None
    """For `bundle`: what one set is made of. A unit belongs to one set only, and to one item of it."""
    max_sets: Units | None = None
    """For `bundle`: how many sets of one basket cost `value` at most; null for as many as the basket holds."""
    respects_min_price: bool = True
    """Whether the rule leaves each line at the `min_price` of its product, times the quantity, or above it: what one line has
    no room for goes to the other lines of a discount that is spread over them, and is not given where none has room. `false`
    sells below it. A new version of a rule that leaves it out keeps what the rule has; a new rule has `true`.
    """
    exclusive: bool | Literal["all"] = False
    """Whether the rules of the same type that come after this one do not count; `"all"` for every later discount of any
    type, coupons too.
    """
