"""An amount off: once off the covered lines' sum, split over them, or off each unit."""

from quote_service.platform.money.amounts import amount_text, split_by_weights
from quote_service.pricing.quote import QuoteLine
from quote_service.pricing.rule_types.discounts.kind import TAKES_NOTHING, DiscountEffect, DiscountKind, Taken


def _take(effect: DiscountEffect, lines: list[QuoteLine], left: list[int], exponent: int) -> Taken:
    if effect.applies_to == "lines":
        return Taken([min(effect.value * line.item.quantity, rest) for line, rest in zip(lines, left, strict=True)])
    return Taken(split_by_weights(min(effect.value, sum(left)), left), weights=left)


def _off_fee(effect: DiscountEffect, fee_minor: int) -> int:
    return min(effect.value, fee_minor)


def _promise(effect: DiscountEffect, exponent: int) -> str:
    return f"{amount_text(effect.value, exponent)} off" + (" a unit" if effect.applies_to == "lines" else "")


def _why_never(effect: DiscountEffect) -> str | None:
    return None if effect.value else TAKES_NOTHING


KIND = DiscountKind(
    name="amount",
    fields=("value",),
    is_amount=True,
    applies_to=("basket", "lines", "delivery"),
    take=_take,
    off_fee=_off_fee,
    promise=_promise,
    why_never=_why_never,
    always_acts=True,
)
