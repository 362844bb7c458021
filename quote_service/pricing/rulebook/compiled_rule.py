"""A pricing rule made ready: its configuration in whole numbers, its conditions as tests that are None where there are none.

Source: docs/spec/pricing-rules.md.
"""

from typing import Any, Literal

import msgspec

from quote_service.pricing.conditions.line_tests import LineTest
from quote_service.pricing.conditions.shopper_tests import ShopperTest
from quote_service.pricing.conditions.time_windows import TimeWindow

# Of the rules of one type that can count: the first whose conditions hold, all of them, or those whose code is sent.
Choice = Literal["first", "all", "by code"]


class CompiledRule(msgspec.Struct, eq=False):
    """One version of a rule. Bounds are minor units of its currency; `window` is open at the instants it may count;
    `is_unconditional` says that there is nothing but the window to ask about; `flag` is the one that it is conditioned on.

    `effect`, `choice`, `code` (folded) and `is_for_express` (no part in other deliveries) are what its type makes of its
    configuration.

    `categories_below` are the categories of its conditions with all below them, None where those are not meant.

    `adjusts_price`: it changes what a unit costs by the catalog, before there is a quote.

    `is_by_seller`: its region is compared with where each seller of a basket is, and not with the delivery address.

    `goes_by_the_clock`: it opens or closes, ends, or was written before its start, so that time alone brings or takes it.
    """

    id: str
    name: str
    version: int
    type: str
    region: str | None
    region_key: str
    currency: str | None
    priority: int
    effective_from_us: int
    effective_to_us: int
    effect: Any
    choice: Choice
    code: str | None
    is_for_express: bool
    line_test: LineTest | None
    shopper_test: ShopperTest | None
    min_subtotal_minor: int | None
    max_subtotal_minor: int | None
    window: TimeWindow | None
    is_unconditional: bool
    flag: str | None
    goes_by_the_clock: bool
    adjusts_price: bool = False
    categories_below: frozenset[str] | None = None
    is_by_seller: bool = False
