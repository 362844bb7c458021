"""Amounts and currencies out of text: `1.299,00 €`, `US$ 12`, `2879.2`.

Money is decimal and exact. What cannot be distinguished stays unread: a wrong price is worse than none.

Source: docs/spec/competitors.md#what-is-read.
"""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from quote_service.intelligence.competitors.model.reading.money_in_text import (
    SIGNS,
    Money,
    currencies_of,
    former_prices_of,
    prices_of,
)
from quote_service.platform.money.amounts import AMOUNT_MAJOR_MAX
from quote_service.platform.money.currencies import EXPONENTS

_PLAIN = re.compile(r"[0-9]{1,13}(\.[0-9]{1,6})?", re.ASCII)
# `12.99 EUR` of feeds, which come by the ten thousand.
_WITH_CODE = re.compile(r"([0-9]{1,13}(?:\.[0-9]{1,6})?)\s?([A-Z]{3})", re.ASCII)
_GROUPED_BY_POINTS = re.compile(r"[0-9]{1,3}\.[0-9]{3}", re.ASCII)
_ONE_BY_THREE = re.compile(r"([0-9]+)([.,])[0-9]{3}", re.ASCII)
_LENGTH_MAX = 200


def read_amount(value: object, currency: str) -> Decimal | None:
    """An amount in major units; None for what is none, is negative, in another currency, or past what can be held.

    Args:
        value: A number, which counts as it is, or a text, in which points and commas are understood, and of several numbers the
            one that is the price.
        currency: ISO 4217 code. Three digits after the only point or comma are thousands, unless it has as many decimals.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | Decimal):
        return _within(Decimal(value))
    if not isinstance(value, str):
        return None
    text = value.strip()[:_LENGTH_MAX]
    if (coded := _WITH_CODE.fullmatch(text)) and coded[2] == currency:
        text = coded[1]
    places = EXPONENTS.get(currency, 2)
    if _PLAIN.fullmatch(text) and (places == 3 or not _GROUPED_BY_POINTS.fullmatch(text)):
        return _within(Decimal(text))
    return _single(prices_of(text), currency)


def is_lowest_of_several(text: str) -> bool:
    """Whether a text says that prices begin there: `from £12.50`."""
    return any(each.is_least for each in prices_of(text[:_LENGTH_MAX]))


def read_former_amount(text: str, currency: str) -> Decimal | None:
    """What a text says that it cost before: 15 in `£12.50, was £15`."""
    return _single(former_prices_of(text[:_LENGTH_MAX]), currency)


def read_amounts(text: str, currency: str) -> list[Decimal]:
    """Every amount that a text may mean as its price, the lowest first."""
    return sorted(_amounts(prices_of(text[:_LENGTH_MAX]), currency))


def read_currency(value: object, usual: str | None) -> str | None:
    """The ISO 4217 code that a field or a text names; `usual` where it names none, or one of several that it is among.

    What names a currency that is not known gives None: better no price than one in a wrong currency.
    """
    if not isinstance(value, str) or not value.strip():
        return usual
    text = value.strip()[:_LENGTH_MAX]
    if text.upper() in EXPONENTS:
        return text.upper()
    if (coded := _WITH_CODE.fullmatch(text)) and coded[2] in EXPONENTS:
        return coded[2]
    if not any(character.isdigit() for character in text):
        return _settled(SIGNS.get(text.lower(), frozenset()), usual)
    named = currencies_of(text)
    if not named:
        return usual
    return _settled(named.pop(), usual) if len(named) == 1 else None


def _settled(meant: frozenset[str], usual: str | None) -> str | None:
    if len(meant) == 1:
        return next(iter(meant))
    return usual if usual in meant else None


def _single(found: Sequence[Money], currency: str) -> Decimal | None:
    amounts = _amounts(found, currency)
    return amounts.pop() if len(amounts) == 1 and not any(each.is_least for each in found) else None


def _amounts(found: Iterable[Money], currency: str) -> set[Decimal]:
    places = EXPONENTS.get(currency, 2)
    reported = [each for each in found if each.currencies is None or not currency or currency in each.currencies]
    read = (_read_number(each.number, places) for each in reported)
    return {amount for amount in read if amount is not None}


def _read_number(text: str, places: int) -> Decimal | None:
    from price_parser.parser import Price  # only the process that reads has it

    three = _ONE_BY_THREE.fullmatch(text)
    # `0,125` has no thousands, and `1.299` of dinars has their decimals.
    separator = three[2] if three and (three[1] == "0" or (places == 3 and three[2] == ".")) else None
    if "." in text and "," in text:
        separator = max(".,", key=text.rfind)
    found: Decimal | None = Price.fromstring(text, decimal_separator=separator).amount
    return None if found is None else _within(found)


def _within(amount: Decimal) -> Decimal | None:
    if not amount.is_finite() or not 0 <= amount < AMOUNT_MAJOR_MAX:
        return None
    rounded = round(amount, 6)
    return rounded if rounded == amount else None
