"""The figures from which a step of the sum can be worked out again, as each step gives them.

A step declares its inputs as a struct, in the order in which they are written, and names itself in `inputs_of`; how they
are written, and how a quote that comes back is read, follows from that. A figure that plays no part is left out.

Source: docs/spec/quotes.md#answer; docs/spec/pricing-rules.md.
"""

import decimal
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal, Self, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from quote_service.pricing.figure import Since

# Minor units, written with the currency's digits. Everything else is written as short as can be.
Amount = Annotated[int, msgspec.Meta(extra={"written": "amount"})]


def decimal_of(places: int) -> msgspec.Meta:
    """A number that is held in units of 10**-places, or as a float that is shown with so many."""
    return msgspec.Meta(extra={"written": "decimal", "places": places})


Decimal = Annotated[int, decimal_of(6)]  # millionths, as percentages and factors are
Kilograms = Annotated[int, decimal_of(12)]
Kilometres = Annotated[float, decimal_of(6)]
Exactly = Annotated[decimal.Decimal, msgspec.Meta(extra={"written": "decimal"})]


class CalculationInputs(msgspec.Struct, gc=False):
    """What the inputs of every step are."""

    if TYPE_CHECKING:  # what every struct has and its annotations leave out

        def __copy__(self) -> Self: ...


_Inputs = TypeVar("_Inputs", bound=CalculationInputs)
INPUTS: dict[str, type[CalculationInputs]] = {}


def inputs_of(*steps: str) -> Callable[[type[_Inputs]], type[_Inputs]]:
    """Declare a struct as the inputs of these steps."""

    def declare(kind: type[_Inputs]) -> type[_Inputs]:
        INPUTS.update(dict.fromkeys(steps, kind))
        return kind

    return declare


@inputs_of("promotion", "coupon")
class DiscountInputs(CalculationInputs, gc=False):
    """Of a discount on lines; `sets` and what belongs to them of a bundle, `percent` of one by tiers; `min_price_cut` is what minimum
    prices kept it from giving."""

    covered_lines: int = 0
    base_amount: Amount = 0
    percent: Decimal | UnsetType = UNSET
    sets: Annotated[int, Since(2)] | UnsetType = UNSET
    set_price: Annotated[Amount, Since(2)] | UnsetType = UNSET
    sets_before: Annotated[Amount, Since(2)] | UnsetType = UNSET
    max_discount: Amount | UnsetType = UNSET
    min_price_cut: Annotated[Amount, Since(2)] | UnsetType = UNSET
    platform_funded: Amount | UnsetType = UNSET


@inputs_of("delivery_discount", "free_delivery")
class FeeDiscountInputs(CalculationInputs, gc=False):
    """Of what is taken off the delivery fee, `base_amount`."""

    base_amount: Amount
    max_discount: Amount | UnsetType = UNSET
    platform_funded: Annotated[Amount, Since(2)] | UnsetType = UNSET


@inputs_of("delivery")
class DeliveryInputs(CalculationInputs, gc=False):
    """Of a delivery fee; `multiplier` of an express one."""

    distance_km: Kilometres | UnsetType = UNSET
    base_fee: Amount | UnsetType = UNSET
    per_km: Decimal | UnsetType = UNSET
    free_km: Decimal | UnsetType = UNSET
    per_kg: Decimal | UnsetType = UNSET
    free_kg: Decimal | UnsetType = UNSET
    min_fee: Amount | UnsetType = UNSET
    max_fee: Amount | UnsetType = UNSET
    weight_kg: Kilograms | UnsetType = UNSET
    multiplier: Exactly | UnsetType = UNSET


@inputs_of("express_delivery")
class ExpressInputs(CalculationInputs, gc=False):
    """Of an express fee by its own rule."""

    distance_km: Kilometres | UnsetType = UNSET
    base_fee: Amount | UnsetType = UNSET
    distance_factor: Decimal | UnsetType = UNSET
    max_fee: Amount | UnsetType = UNSET
    multiplier: Exactly | UnsetType = UNSET


@inputs_of("small_basket")
class SmallBasketInputs(CalculationInputs, gc=False):
    """Of the fee for a small basket."""

    threshold: Amount
    fee: Amount
    mode: Annotated[Literal["fixed", "top_up"], Since(2)]
    subtotal: Amount


@inputs_of("tax")
class TaxInputs(CalculationInputs, gc=False):
    """Of a tax; `base_amount` where it is not the whole subtotal or fee."""

    rate: Decimal
    base_amount: Amount | UnsetType = UNSET
