"""A price for each unit in place of its own, where that is more expensive."""

from quote_service.platform.money.amounts import amount_text, split_by_weights
from quote_service.pricing.quote import QuoteLine
from quote_service.pricing.rule_types.discounts.kind import DiscountEffect, DiscountKind, Taken


def _take(effect: DiscountEffect, lines: list[QuoteLine], left: list[int], exponent: int) -> Taken:
    if effect.applies_to == "lines":
        return Taken([max(0, rest - effect.value * line.item.quantity) for line, rest in zip(lines, left, strict=True)])
    # A former release took it for a price of the whole basket, and such rows still count.
    return Taken(split_by_weights(_off_fee(effect, sum(left)), left), weights=left)


def _off_fee(effect: DiscountEffect, fee_minor: int) -> int:
    return max(0, fee_minor - effect.value)


def _promise(effect: DiscountEffect, exponent: int) -> str:
    return f"for {amount_text(effect.value, exponent)}" + (" a unit" if effect.applies_to == "lines" else "")


KIND = DiscountKind(
    name="fixed_price",
    fields=("value",),
    is_amount=True,
    applies_to=("lines",),
    elsewhere="fixed_price is the price of one unit: lines; a bundle has its own kind",
    take=_take,
    off_fee=_off_fee,
    promise=_promise,
)
