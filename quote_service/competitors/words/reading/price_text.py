"""Amounts and currencies out of text: `1.299,00 €`, `US$ 12`, `2879.2`.

Money is decimal and exact. What cannot be told apart stays unread: a wrong price is worse than none.

Source: docs/spec/competitors.md#what-is-read.
"""

import re
from decimal import Decimal

from quote_service.money.amounts import AMOUNT_MAJOR_MAX
from quote_service.money.currencies import EXPONENTS

_PLAIN = re.compile(r"[0-9]{1,13}(\.[0-9]{1,6})?", re.ASCII)
# `12.99 EUR` of feeds, which come by the ten thousand.
_WITH_CODE = re.compile(r"(?:[A-Z]{3}\s?)?([0-9]{1,13}(?:\.[0-9]{1,6})?)(?:\s?[A-Z]{3})?", re.ASCII)
_GROUPED_BY_POINTS = re.compile(r"[0-9]{1,3}\.[0-9]{3}", re.ASCII)
_CODE = re.compile(r"(?<![A-Za-z])([A-Z]{3})(?![A-Za-z])")
_LENGTH_MAX = 200
_SYMBOLS = {
    "€": "EUR",
    "£": "GBP",
    "₺": "TRY",
    "₹": "INR",
    "₽": "RUB",
    "₴": "UAH",
    "₪": "ILS",
    "₩": "KRW",
    "₫": "VND",
    "zł": "PLN",
    "kč": "CZK",
    "ft": "HUF",
    "lei": "RON",
    "tl": "TRY",
    "us$": "USD",
    "ca$": "CAD",
    "c$": "CAD",
    "a$": "AUD",
    "au$": "AUD",
    "nz$": "NZD",
    "hk$": "HKD",
    "r$": "BRL",
    "mx$": "MXN",
    "s$": "SGD",
    "cn¥": "CNY",
    "jp¥": "JPY",
    "元": "CNY",
    "円": "JPY",
}
# One of these is meant; which, only the source can say.
_SHARED_SYMBOLS = {
    "$": frozenset("USD CAD AUD NZD HKD SGD MXN ARS CLP COP TWD".split()),
    "kr": frozenset("SEK NOK DKK ISK".split()),
    "¥": frozenset(("JPY", "CNY")),
    "￥": frozenset(("JPY", "CNY")),
}


def read_amount(value: object, currency: str) -> Decimal | None:
    """An amount in major units; None for what is none, is negative or past what can be held.

    Args:
        value: A number, which counts as it is, or a text, in which points and commas are understood.
        currency: ISO 4217 code. Three digits after the only point or comma are thousands, unless it has as many decimals.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | Decimal):
        return _within(Decimal(value))
    if not isinstance(value, str):
        return None
    text = value.strip()[:_LENGTH_MAX]
    if coded := _WITH_CODE.fullmatch(text):
        text = coded[1]
    places = EXPONENTS.get(currency, 2)
    if _PLAIN.fullmatch(text) and (places == 3 or not _GROUPED_BY_POINTS.fullmatch(text)):
        return _within(Decimal(text))
    if text.startswith("-") or not any(character.isdigit() for character in text):
        return None
    return _read_text(text, places)


def read_currency(value: object, usual: str | None) -> str | None:
    """The ISO 4217 code that a field or a text names; `usual` where it names none or several could be meant.

    A text that names a currency which is not known to be one gives None: better no price than one in a wrong currency.
    """
    if not isinstance(value, str) or not value.strip():
        return usual
    text = value.strip()[:_LENGTH_MAX]
    if text.upper() in EXPONENTS:
        return text.upper()
    for code in _CODE.findall(text):
        if code in EXPONENTS:
            return str(code)
    sign = re.sub(r"[\d.,'\s\u00a0\u202f-]", "", text).lower()
    if not sign:
        return usual
    if sign in _SYMBOLS:
        return _SYMBOLS[sign]
    if sign in _SHARED_SYMBOLS:
        return usual if usual in _SHARED_SYMBOLS[sign] else None
    for symbol in sorted(_SYMBOLS, key=len, reverse=True):
        if not symbol.isascii() and symbol in sign:
            return _SYMBOLS[symbol]
    for symbol, codes in _SHARED_SYMBOLS.items():
        if not symbol.isalpha() and symbol in sign:
            return usual if usual in codes else None
    return usual


def _read_text(text: str, places: int) -> Decimal | None:
    from price_parser.parser import Price  # only the process that reads has it

    separator = "." if places == 3 and re.search(r"[0-9]\.[0-9]{3}(?![0-9])", text) else None
    found: Decimal | None = Price.fromstring(text, decimal_separator=separator).amount
    return None if found is None else _within(found)


def _within(amount: Decimal) -> Decimal | None:
    if not amount.is_finite() or not 0 <= amount < AMOUNT_MAJOR_MAX:
        return None
    rounded = round(amount, 6)
    return rounded if rounded == amount else None
