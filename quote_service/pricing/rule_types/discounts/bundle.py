"""A price for each whole set of units that the basket holds; a set that is cheaper already is left alone."""

from collections.abc import Iterator

from quote_service.platform.money.amounts import amount_text, round_half_away, split_by_weights
from quote_service.platform.system.errors import Fault
from quote_service.pricing.calculation_inputs import DiscountInputs
from quote_service.pricing.quote import QuoteLine
from quote_service.pricing.rule_types.discounts.bundle_sets import expensive_sets
from quote_service.pricing.rule_types.discounts.fields import DiscountFields
from quote_service.pricing.rule_types.discounts.kind import DiscountEffect, DiscountKind, Taken


def _take(effect: DiscountEffect, lines: list[QuoteLine], left: list[int], exponent: int) -> Taken:
    """A unit is worth its line's rest divided by the quantity; each line is rounded once."""
    sets, units = expensive_sets(effect.slots, effect.sets_max, effect.value, lines, left)
    worth_minor = [
        round_half_away(rest * taken, line.item.quantity) for rest, taken, line in zip(left, units, lines, strict=True)
    ]
    before_minor = sum(worth_minor)
    inputs = DiscountInputs(sets=sets, set_price=effect.value, sets_before=before_minor)
    amounts = split_by_weights(max(0, before_minor - sets * effect.value), worth_minor)
    return Taken(amounts, inputs, worth_minor)


def _promise(effect: DiscountEffect, exponent: int) -> str:
    return f"{amount_text(effect.value, exponent)} a set"


def _faults(discount: DiscountFields) -> Iterator[Fault]:
    for index, item in enumerate(discount.items or ()):
        if sum(each is not None for each in (item.product_ids, item.category_ids, item.tags_any)) != 1:
            yield Fault(f"/configuration/items/{index}", "must have exactly one of product_ids, category_ids, tags_any")


KIND = DiscountKind(
    name="bundle",
    fields=("value", "items", "max_sets"),
    optional=("max_sets",),
    is_amount=True,
    faults=_faults,
    take=_take,
    promise=_promise,
)
