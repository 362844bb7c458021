"""What of a rulebook comes and goes by the clock, as far as one basket can tell.

A rulebook settles time ahead in stretches that end whenever anything anywhere may change, and at the latest with the
quarter of an hour. Most of those ends change nothing for a basket. What does is this: a rule that applies to it is or is
not in force, a flag that it is shown says something else, a code that it brings counts or not.

Source: docs/spec/quotes.md#caching; `docs/decisions/effective-periods.md`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import msgspec

from quote_service.pricing.basket_subject import subject_of
from quote_service.pricing.coupon_codes import fold_code
from quote_service.pricing.flags.compiled_flag import CompiledFlag
from quote_service.pricing.quote import CheckedBasket, CouponReason, QuoteLine
from quote_service.pricing.rulebook.asking import Asking
from quote_service.pricing.rulebook.compiled_rule import CompiledRule

_MICRO_PLACES = 6


class Settled(Protocol):
    """A stretch of time with what is settled in it (`effective_period.py`)."""

    flags: dict[str, CompiledFlag]
    coupons: dict[str, list[CompiledRule]]
    idle_coupons: dict[str, CouponReason]


class MovingParts(msgspec.Struct, frozen=True):
    """What moves at one place: ids of the rules in force that apply to every basket there, the rules that have to be asked,
    the flags that quotes show, and the flag that multiplies express fees."""

    everybodys: tuple[str, ...]
    asked: tuple[CompiledRule, ...]
    flags: tuple[CompiledFlag, ...]
    express_flag: CompiledFlag | None


class MovingFlags(msgspec.Struct, frozen=True):
    """The flags that change their course at some instant: `keys` of all, and those of them that quotes look at."""

    keys: frozenset[str]
    shown: tuple[CompiledFlag, ...]
    express: CompiledFlag | None


def moving_names(rules: Iterable[CompiledRule]) -> frozenset[str]:
    """The names of which the clock decides which version is in force, if any: one version that does is enough."""
    return frozenset(rule.name for rule in rules if rule.goes_by_the_clock)


def find_moving(rules: Iterable[CompiledRule], names: frozenset[str], flags: MovingFlags) -> MovingParts | None:
    """What moves among the rules in force at a place (`names`: see `moving_names`); None where nothing does."""
    everybodys, asked = [], []
    for rule in rules:
        if rule.name in names and rule.is_unconditional and not rule.is_for_express:
            everybodys.append(rule.id)
        elif rule.name in names or rule.flag in flags.keys:
            asked.append(rule)
    if not (everybodys or asked or flags.shown or flags.express):
        return None
    return MovingParts(tuple(everybodys), tuple(asked), flags.shown, flags.express)


def moving_state(
    period: Settled, moving: MovingParts | None, regions: Mapping[str, int], checked: CheckedBasket
) -> Any:
    """How what moves stands for a basket, as plain values: the same as long as time gives it the same quote."""
    basket = checked.basket
    subject = subject_of(basket, regions)
    shopper = Asking(period, subject, basket.is_express_delivery)
    rules: tuple[str, ...] = ()
    shown: tuple[tuple[str, str | None], ...] = ()
    express: str | None = None
    if moving is not None:
        rules = moving.everybodys
        if moving.asked:
            lines = [QuoteLine(item, item.seller_id or basket.seller_id, 0, 0) for item in basket.items]
            most_minor = _most_minor(checked)
            rules += tuple(rule.id for rule in moving.asked if _may_apply(rule, shopper, lines, most_minor))
        shown = tuple((flag.key, flag.evaluate(subject).value) for flag in moving.flags)
        if moving.express_flag is not None and shopper.is_express:
            decision = moving.express_flag.evaluate(subject)
            express = decision.value if decision.is_on else None
    codes = tuple(_code_state(period, fold_code(code), shopper) for code in basket.coupon_codes or ())
    # The same as where nothing moves at all, which is not asked.
    return (rules, shown, codes, express) if rules or shown or codes or express else None


def _may_apply(rule: CompiledRule, shopper: Asking, lines: list[QuoteLine], most_minor: int) -> bool:
    """Whether a rule in force applies, but for what only pricing knows: the exact subtotal, and which rule comes first."""
    if rule.is_for_express and not shopper.is_express:
        return False
    if rule.min_subtotal_minor is not None and rule.currency is not None and rule.min_subtotal_minor > most_minor:
        return False
    return (rule.shopper_test is None or rule.shopper_test(shopper)) and (
        rule.line_test is None or any(map(rule.line_test, lines))
    )


def _most_minor(checked: CheckedBasket) -> int:
    """What the lines come to at the most, however each is rounded: nothing makes them more expensive than they are sent."""
    items = checked.basket.items
    total_micro = sum(price * item.quantity for price, item in zip(checked.unit_prices_micro, items, strict=True))
    return int(total_micro // 10 ** (_MICRO_PLACES - checked.exponent)) + len(items)


def _code_state(period: Settled, code: str, shopper: Asking) -> Any:
    rules = period.coupons.get(code)
    if rules is None:
        return period.idle_coupons.get(code)
    return [(rule.id, rule.shopper_test is None or rule.shopper_test(shopper)) for rule in rules]
