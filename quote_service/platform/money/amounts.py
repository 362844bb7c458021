"""Exact arithmetic on amounts: whole minor units, and one way to round and one way to split.

A minor amount is an int (cents, yen, fils); its currency's exponent says how many digits are minor. A unit price is
an int of millionths of a major unit, because it may be finer than the currency. No binary float comes near either.

The one way from a raw JSON number to such an int that is on the quote's path stands here too: this module is compiled.

Source: docs/spec/wire.md#money.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from quote_service.platform.money.numbers import LITERAL, LITERAL_LENGTH_MAX, NotANumber, scale_decimal

MICRO: Final = 1_000_000
PERCENT_MICRO: Final = 100 * MICRO  # a percentage held in millionths of a percent is a fraction of this
AMOUNT_MAJOR_MAX = 10**13  # this much or more is refused

_SUFFIXES: dict[int, tuple[str, ...]] = {
    exponent: tuple(f".{part:0{exponent}d}" for part in range(10**exponent)) for exponent in (1, 2, 3, 4)
}


def round_half_away(numerator: int, denominator: int) -> int:
    """The nearest whole number to numerator / denominator, halves away from zero; denominator > 0."""
    if numerator >= 0:
        return (2 * numerator + denominator) // (2 * denominator)
    return -((-2 * numerator + denominator) // (2 * denominator))


def percent_of(base_minor: int, percent_micro: int) -> int:
    """`percent_micro` millionths of a percent of a base >= 0, rounded once to the minor unit."""
    return (base_minor * percent_micro + 50_000_000) // PERCENT_MICRO


def split_by_weights(amount: int, weights: Sequence[int]) -> list[int]:
    """Split an amount over weights by largest remainder; the parts add up to the amount exactly.

    Each share is cut down to a whole unit, and the units left over go one each to the shares with the largest
    fractions, ties to the earliest. A negative amount is split like its positive. Weights that are all zero count
    as equal, so that no unit is lost where there is nothing to go by.

    Source: docs/spec/wire.md#money.
    """
    if amount < 0:
        return [-part for part in split_by_weights(-amount, weights)]
    whole = sum(weights)
    if whole == 0:
        weights, whole = [1] * len(weights), len(weights)
    parts, fractions = [], []
    left = amount
    for weight in weights:
        part, fraction = divmod(amount * weight, whole)
        parts.append(part)
        fractions.append(fraction)
        left -= part
    if left:
        # sorted() is stable, so equal fractions stay in the order of the lines: ties to the earliest.
        for index in sorted(range(len(parts)), key=fractions.__getitem__, reverse=True)[:left]:
            parts[index] += 1
    return parts


def split_within(amount: int, weights: Sequence[int], rooms: Sequence[int], names: Sequence[str]) -> list[int]:
    """Split an amount >= 0 over weights as far as each has room; what one has no room for goes to the others.

    A share that fills its room is fixed there, and the rest is split over the others by their weights, until all fit; the last
    split is by largest remainder. The parts add up to the amount, or to all room where that is less. Neither they nor their sum
    depend on the order: ties go to the larger weight, then by `names`.

    Source: docs/spec/wire.md#money.
    """
    parts = [0] * len(weights)
    others = [index for index, weight in enumerate(weights) if weight and rooms[index]]
    left, whole, full = amount, 0, others
    while others and full:
        whole = sum([weights[index] for index in others])
        full = [index for index in others if left * weights[index] >= rooms[index] * whole]
        for index in full:
            parts[index] = rooms[index]
        left -= sum([rooms[index] for index in full])
        others = [index for index in others if not parts[index]]
    if not others:
        return parts
    fractions = {}
    rest = left
    for index in others:
        parts[index], fractions[index] = divmod(left * weights[index], whole)
        rest -= parts[index]
    others.sort(key=lambda index: (-fractions[index], -weights[index], names[index]))
    for index in others[:rest]:
        parts[index] += 1
    return parts


def amount_text(amount_minor: int, exponent: int) -> str:
    """An amount as a JSON number with exactly the currency's digits: 5100 -> `51.00`, `51`, `5.100`."""
    if exponent == 0:
        return str(amount_minor)
    if amount_minor < 0:
        return "-" + amount_text(-amount_minor, exponent)
    if exponent == 2:  # nearly every currency
        return f"{amount_minor // 100}{_SUFFIXES[2][amount_minor % 100]}"
    scale = 10**exponent
    return f"{amount_minor // scale}{_SUFFIXES[exponent][amount_minor % scale]}"


def unit_price_text(price_micro: int, exponent: int) -> str:
    """A unit price with the currency's digits, and more only where the price is finer: `25.50`, `0.1255`, `-0.125`."""
    finer = 10 ** (6 - exponent)
    if price_micro % finer == 0:
        return amount_text(price_micro // finer, exponent)
    if price_micro < 0:
        return "-" + unit_price_text(-price_micro, exponent)
    return f"{price_micro // MICRO}.{price_micro % MICRO:06d}".rstrip("0")


def decimal_text(scaled: int, places: int) -> str:
    """An int of 10**-places units as the shortest decimal: (12_750_000, 6) -> `12.75`, (2_000_000, 6) -> `2`."""
    if scaled < 0:
        return "-" + decimal_text(-scaled, places)
    whole, part = divmod(scaled, 10**places)
    return f"{whole}.{part:0{places}d}".rstrip("0") if part else str(whole)


def tax_on(net_minor: int, rate_micro: int, is_inclusive: bool) -> int:
    """The tax on an amount, or the part of an amount that is tax; rounded once, and `rate_micro` in millionths of a percent."""
    if is_inclusive:
        return round_half_away(net_minor * rate_micro, PERCENT_MICRO + rate_micro)
    return percent_of(net_minor, rate_micro)


_POWERS: Final[tuple[int, ...]] = tuple(10**places for places in range(13))


def read_scaled(literal: bytes, places: int) -> int:
    """Read a raw JSON number or string (`25.50`, `"25.50"`) as an int of 10**-places units.

    The plain case, digits with at most `places` decimals, is read without a Decimal: it is on the quote's path.

    Raises:
        NotANumber: See `read_number` and `scale_decimal`.
    """
    whole, dot, part = literal.partition(b".")
    if whole.isdigit() and len(whole) < 20:
        if not dot:
            return int(whole) * _POWERS[places]
        if part.isdigit() and len(part) <= places:
            return int(whole + part) * _POWERS[places - len(part)]
    text = literal.decode()
    if text.startswith('"'):
        text = text[1:-1]
    if len(text) > LITERAL_LENGTH_MAX or not LITERAL.fullmatch(text):
        raise NotANumber("must be a plain decimal number")
    return scale_decimal(Decimal(text), places)
