"""A percentage off: of the covered lines' sum, rounded once and split over them, or of each line by itself."""

from quote_service.platform.money.amounts import decimal_text, percent_of, split_by_weights
from quote_service.pricing.quote import QuoteLine
from quote_service.pricing.rule_types.discounts.kind import TAKES_NOTHING, DiscountEffect, DiscountKind, Taken


def take_percent(effect: DiscountEffect, left: list[int], percent_micro: int) -> list[int]:
    """A percentage of what the lines have left."""
    if effect.applies_to == "lines":
        return [percent_of(rest_minor, percent_micro) for rest_minor in left]
    return split_by_weights(percent_of(sum(left), percent_micro), left)


def weights_of(effect: DiscountEffect, left: list[int]) -> list[int] | None:
    """What a discount is split by: what the lines have left, unless it is one of each line by itself."""
    return None if effect.applies_to == "lines" else left


def _take(effect: DiscountEffect, lines: list[QuoteLine], left: list[int], exponent: int) -> Taken:
    return Taken(take_percent(effect, left, effect.value), weights=weights_of(effect, left))


def _off_fee(effect: DiscountEffect, fee_minor: int) -> int:
    return percent_of(fee_minor, effect.value)


def _promise(effect: DiscountEffect, exponent: int) -> str:
    return f"{decimal_text(effect.value, 6)} % off"


def _why_never(effect: DiscountEffect) -> str | None:
    return None if effect.value else TAKES_NOTHING


KIND = DiscountKind(
    name="percent",
    fields=("value",),
    applies_to=("basket", "lines", "delivery"),
    take=_take,
    off_fee=_off_fee,
    promise=_promise,
    why_never=_why_never,
    always_acts=True,
    is_proportional=True,
)
