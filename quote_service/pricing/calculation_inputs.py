"""The figures from which a step of the sum can be worked out again, as each step gives them.

A step declares its inputs as a struct, in the order in which it writes them, and names itself in `inputs_of`; how a quote
that comes back is read follows from that. Figures stand as they are written; one that plays no part is left out.

Source: docs/spec/quotes.md#answer; docs/spec/pricing-rules.md.
"""

from collections.abc import Callable
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

# How a value is written, for `answer/restore_quote.py`: with the currency's digits, or as short as can be.
Amount = Annotated[msgspec.Raw, msgspec.Meta(extra={"written": "amount"})]
Decimal = Annotated[msgspec.Raw, msgspec.Meta(extra={"written": "decimal"})]


class CalculationInputs(msgspec.Struct, frozen=True, gc=False):
    """What the inputs of every step are."""


_Inputs = TypeVar("_Inputs", bound=CalculationInputs)
INPUTS: dict[str, type[CalculationInputs]] = {}


def inputs_of(*steps: str) -> Callable[[type[_Inputs]], type[_Inputs]]:
    """Declare a struct as the inputs of these steps."""

    def declare(kind: type[_Inputs]) -> type[_Inputs]:
        INPUTS.update(dict.fromkeys(steps, kind))
        return kind

    return declare


@inputs_of("promotion", "coupon")
class DiscountInputs(CalculationInputs, frozen=True, gc=False):
    """Of a discount on lines; `sets` and what belongs to them of a bundle, `percent` of one by tiers."""

    covered_lines: int
    base_amount: Amount
    percent: Decimal | UnsetType = UNSET
    sets: int | UnsetType = UNSET
    set_price: Amount | UnsetType = UNSET
    sets_before: Amount | UnsetType = UNSET
    max_discount: Amount | UnsetType = UNSET
    platform_funded: Amount | UnsetType = UNSET


@inputs_of("delivery_discount", "free_delivery")
class FeeDiscountInputs(CalculationInputs, frozen=True, gc=False):
    """Of what is taken off the delivery fee, `base_amount`."""

    base_amount: Amount
    max_discount: Amount | UnsetType = UNSET
    platform_funded: Amount | UnsetType = UNSET


@inputs_of("delivery")
class DeliveryInputs(CalculationInputs, frozen=True, gc=False):
    """Of a delivery fee; `multiplier` of an express one."""

    distance_km: Decimal | UnsetType = UNSET
    base_fee: Amount | UnsetType = UNSET
    per_km: Decimal | UnsetType = UNSET
    free_km: Decimal | UnsetType = UNSET
    per_kg: Decimal | UnsetType = UNSET
    free_kg: Decimal | UnsetType = UNSET
    min_fee: Amount | UnsetType = UNSET
    max_fee: Amount | UnsetType = UNSET
    weight_kg: Decimal | UnsetType = UNSET
    multiplier: Decimal | UnsetType = UNSET


@inputs_of("express_delivery")
class ExpressInputs(CalculationInputs, frozen=True, gc=False):
    """Of an express fee by its own rule."""

    distance_km: Decimal | UnsetType = UNSET
    base_fee: Amount | UnsetType = UNSET
    distance_factor: Decimal | UnsetType = UNSET
    max_fee: Amount | UnsetType = UNSET
    multiplier: Decimal | UnsetType = UNSET


@inputs_of("small_basket")
class SmallBasketInputs(CalculationInputs, frozen=True, gc=False):
    """Of the fee for a small basket."""

    threshold: Amount
    fee: Amount
    mode: Literal["fixed", "top_up"]
    subtotal: Amount


@inputs_of("tax")
class TaxInputs(CalculationInputs, frozen=True, gc=False):
    """Of a tax; `base_amount` where it is not the whole subtotal or fee."""

    rate: Decimal
    base_amount: Amount | UnsetType = UNSET
