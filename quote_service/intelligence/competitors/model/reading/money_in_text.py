"""Which of the numbers of a text is its price: `Now £12.50, was £15`, `6 x 330 ml 3,99 €`, `from 12.50 to 15.00`.

A number counts by what stands beside it: a sign or code of a currency, a word that says that it is the price of before, a measure
that it is the price of. What is left as one price is the price; where two are left nobody can say, and it stays unread.

Source: docs/spec/competitors.md#what-is-read.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, Literal, NamedTuple

from quote_service.platform.money.currencies import EXPONENTS

#: What each sign may stand for; with several only the source can say which.
SIGNS: Final[dict[str, frozenset[str]]] = {
    **{
        sign: frozenset((code,))
        for code, signs in {
            "EUR": "€ euro euros eur",
            "GBP": "£",
            "TRY": "₺ tl",
            "INR": "₹",
            "RUB": "₽ руб",
            "UAH": "₴ грн",
            "ILS": "₪",
            "KRW": "₩ 원",
            "VND": "₫",
            "PLN": "zł",
            "CZK": "kč",
            "HUF": "ft",
            "RON": "lei",
            "USD": "us$",
            "CAD": "ca$ c$",
            "AUD": "a$ au$",
            "NZD": "nz$",
            "HKD": "hk$",
            "TWD": "nt$",
            "BRL": "r$",
            "MXN": "mx$",
            "SGD": "s$",
            "CNY": "cn¥ 元",
            "JPY": "jp¥ 円",
            "SAR": "ر.س ريال",
            "AED": "د.إ",
            "IDR": "rp",
            "MYR": "rm",
            "BGN": "лв",
            "THB": "฿",
            "PHP": "₱",
            "NGN": "₦",
            "CHF": "fr. sfr",
        }.items()
        for sign in signs.split()
    },
    "$": frozenset("USD CAD AUD NZD HKD SGD MXN ARS CLP COP TWD".split()),
    "kr": frozenset("SEK NOK DKK ISK".split()),
    "¥": frozenset(("JPY", "CNY")),
    "￥": frozenset(("JPY", "CNY")),
}
Role = Literal["price", "former", "of_measure", "other"]
#: Digits and marks of other scripts, as they are read here.
_MARKS: Final = str.maketrans("٫٬，．’ʼ＇′‘", ".',.'''''")

_SIGN = "|".join(
    (r"(?<![^\W\d_])" if sign[0].isalpha() else "") + re.escape(sign) + (r"(?![^\W\d_])" if sign[-1].isalpha() else "")
    for sign in sorted(SIGNS, key=len, reverse=True)
)
_CODE = rf"(?<![A-Za-z])(?-i:{'|'.join(sorted(EXPONENTS))})(?![A-Za-z])"
_BLANK = "[ \u00a0\u2009\u202f']"
_NUMBER = rf"(?:[0-9]{{1,3}}(?:{_BLANK}[0-9]{{3}})+(?![0-9])|[0-9]+)(?:[.,][0-9]+)*(?:[.,:][-–—]+)?|(?<![0-9])[.,][0-9]{{1,2}}"
_MONEY = re.compile(
    rf"(?:(?P<before>{_SIGN}|{_CODE})[\s:]{{0,2}})?(?<![0-9.,])(?P<number>{_NUMBER})"
    rf"(?:\s{{0,2}}(?P<after>{_SIGN}|{_CODE})(?![0-9]))?",
    re.IGNORECASE,
)
# `12 . 50` of a page that sets the parts of a price apart, and `12€50`.
_APART = re.compile(r"(?<=[0-9])\s+([.,])\s*(?=[0-9]{2}(?![0-9]))")
_SIGN_BETWEEN = re.compile(r"(?<![0-9.,])([0-9]+)([€£$])([0-9]{2})(?![0-9.,])")
# `12 50` may be one price or a price and a number beside it; `1e3` is no price of a shop.
_UNREADABLE = re.compile(r"[0-9]e[+-]?[0-9]|(?:^|[€£$]\s?)[0-9]+\s+[0-9]{2}p?\s*[€£$]?$", re.IGNORECASE)
_FORMER = re.compile(
    r"\b(?:was|were|before|rrp|msrp|srp|uvp|statt|instead of|list(?: price)?|regular(?:ly)?|original(?:ly)?|old price|prior|"
    r"vorher|bisher|ehem\w*|normalpreis|avant|au lieu de|antes|prima|eski\w*|liste fiyat\w*|før|förr|tidligere)\W*$",
    re.IGNORECASE,
)
_SAVED = re.compile(r"\b(?:save[ds]?|saving|sparen|ersparnis|économisez|from only)\W*(?:up to\W*)?$", re.IGNORECASE)
_SAVED_AFTER = re.compile(r"\s*(?:off|saved|rabatt|günstiger|discount|de réduction|indirim)\b", re.IGNORECASE)
_FROM = re.compile(
    r"\b(?:from|starting (?:at|from)|as low as|ab|schon ab|à partir de|dès|desde|a partir de|da|vanaf|od|från|fra|alkaen|от|"
    r"başlayan fiyatlarla)\W*$",
    re.IGNORECASE,
)
_TOGETHER = re.compile(r"[0-9]\s*(?:for|für|pour|por|voor|per)\W*$", re.IGNORECASE)
_TOGETHER_AFTER = re.compile(r"\s*(?:for|für|pour|por|voor)\W*[0-9]", re.IGNORECASE)
_UNIT = r"(?:kg|kilo|g|gr|lb|oz|l|ml|cl|lit(?:er|re)s?|m|m²|m2)\b"
_OF_MEASURE = re.compile(rf"\s*(?:/|per\b|pro\b|je\b|p\.)\s*(?:[0-9.,]+\s?)?{_UNIT}", re.IGNORECASE)
# One of a measure is how such goods are sold; a hundred grams are how they are compared.
_OF_QUANTITY = re.compile(
    rf"\s*(?:/|per\b|pro\b|je\b|p\.)\s*(?:[0-9]*[02-9][0-9.,]*|1[0-9.,]+)\s?{_UNIT}", re.IGNORECASE
)
_COUNTED = re.compile(
    rf"\s?(?:%|[x×*]|{_UNIT}|¢|ct\b|cents?\b|st(?:ü|ue)ck|stk|pcs|pieces?|packs?|adet\b)|[^\W_]", re.IGNORECASE
)
_RANGE = re.compile(r"\s*(?:[-–—/~]|to|bis|à|and|und|or|oder)\s*", re.IGNORECASE)
_NEGATIVE = re.compile(r"(?<![0-9\s])\s*[-−]\s*$")


class Money(NamedTuple):
    """A number of a text.

    Attributes:
        currencies: Those that the sign or code beside it may mean; None without one.
        is_least: Whether prices begin there, so that nobody can say what this one is.
    """

    number: str
    currencies: frozenset[str] | None
    role: Role
    is_least: bool = False


def prices_of(text: str) -> list[Money]:
    """The numbers that may be the price; more than one where nothing says which is."""
    found = list(_numbers(text))
    named = [each.currencies is not None for each in found]
    if any(named):
        found = [
            each
            for place, each in enumerate(found)
            if named[place] or (each.role == "price" and _is_in_range(text, place))
        ]
    prices = [each for each in found if each.role == "price"]
    return prices or [each for each in found if each.role == "of_measure"]


def currencies_of(text: str) -> set[frozenset[str]]:
    """What the signs and codes beside its prices may mean, or beside any number where none is a price."""
    reported = prices_of(text) or _numbers(text)
    return {each.currencies for each in reported if each.currencies is not None}


def former_prices_of(text: str) -> list[Money]:
    """The numbers that are said to be the price of before."""
    return [each for each in _numbers(text) if each.role == "former"]


def _numbers(text: str) -> Iterator[Money]:
    whole = _plain(text)
    is_unreadable, end = _UNREADABLE.search(whole) is not None, 0
    for match in _MONEY.finditer(whole):
        if _is_glued(whole, match):
            continue
        currencies = _currencies(match["before"], match["after"])
        role: Role = "other" if is_unreadable else _role(whole, match, end, is_named=currencies is not None)
        yield Money(match["number"], currencies, role, _FROM.search(whole[end : match.start()]) is not None)
        end = match.end()


def _role(text: str, match: re.Match[str], end: int, *, is_named: bool) -> Role:
    ahead, behind = text[end : match.start()], text[match.end() :]
    if _FORMER.search(ahead):
        return "former"
    if _NEGATIVE.search(text[: match.start()]) or _SAVED.search(ahead) or _SAVED_AFTER.match(behind):
        return "other"
    if _TOGETHER.search(text[: match.start()]) or _TOGETHER_AFTER.match(behind):
        return "other"
    if _OF_QUANTITY.match(behind):
        return "other"
    if _OF_MEASURE.match(behind):
        return "of_measure"
    return "other" if not is_named and _COUNTED.match(behind) else "price"


def _is_glued(text: str, match: re.Match[str]) -> bool:
    """Whether letters stand right before a number, as in the number of an article."""
    begin = match.start()
    return match["before"] is None and begin > 0 and text[begin - 1].isalpha()


def _currencies(before: str | None, after: str | None) -> frozenset[str] | None:
    """What the signs and codes on both sides say together: `$12 CAD`; a sign of one currency goes before a word like `ALL`."""
    meant = [each for each in map(_meant, (before, after)) if each]
    if not meant:
        return None
    shared = frozenset.intersection(*meant)
    if shared:
        return shared
    return next(
        (
            each
            for reported, each in zip((before, after), meant, strict=False)
            if reported and reported.lower() in SIGNS
        ),
        meant[-1],
    )


def _meant(reported: str | None) -> frozenset[str] | None:
    return None if reported is None else SIGNS.get(reported.lower(), frozenset((reported,)))


def _is_in_range(text: str, place: int) -> bool:
    """Whether nothing but `to` or a dash stands between a number and the one before or behind it."""
    whole = _plain(text)
    matches = [match for match in _MONEY.finditer(whole) if not _is_glued(whole, match)]
    pairs = pairwise(matches)
    near = [_RANGE.fullmatch(whole[one.end() : other.start()]) is not None for one, other in pairs]
    return (place < len(near) and near[place]) or (place > 0 and near[place - 1])


def _plain(text: str) -> str:
    return _SIGN_BETWEEN.sub(r"\1.\3 \2", _APART.sub(r"\1", _in_ascii(text)))


def _in_ascii(text: str) -> str:
    """A text with its digits, points and commas in ASCII, whatever script they are of."""
    if text.isascii():
        return text
    digits = (str(unicodedata.digit(character)) if character.isdecimal() else character for character in text)
    return "".join(digits).translate(_MARKS)
