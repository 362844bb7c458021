"""The arguments of a command, read from the words of its line.

Digits are those of ASCII: `int` and `Decimal` alone would also take other alphabets', `1_000` and `NaN`.

Source: docs/spec/campaigns.md#arguments.
"""

import re
from collections.abc import Callable
from decimal import Decimal

from quote_service.platform.money.amounts import AMOUNT_MAJOR_MAX, MICRO
from quote_service.platform.money.numbers import NotANumber, scale_decimal
from quote_service.shop.campaigns.scenario.outcomes import EXPONENT
from quote_service.shop.campaigns.scenario.shop import BadCommand

COUNT_MAX = 1_000_000_000
CODE_LENGTH_MAX = 64
_SHOWN = 40
_WHOLE = re.compile(r"0|[1-9][0-9]{0,11}")
_DECIMAL = re.compile(r"(0|[1-9][0-9]{0,15})(\.[0-9]{1,16})?")
_PERCENT_PLACES = 6


def code(what: str) -> Callable[[str], str]:
    """Reads the name of something: any word of up to 64 characters."""

    def read(word: str) -> str:
        if len(word) > CODE_LENGTH_MAX:
            raise BadCommand(
                f"{what} must have at most {CODE_LENGTH_MAX} characters, and {quoted(word)} has {len(word)}"
            )
        return word

    return read


def count(what: str, least: int, most: int = COUNT_MAX) -> Callable[[str], int]:
    """Reads a whole number between bounds, which are part of what is wrong where it is not."""

    def read(word: str) -> int:
        if _WHOLE.fullmatch(word) is None or not least <= (number := int(word)) <= most:
            raise BadCommand(f"{what} must be a whole number from {least} to {most}, not {quoted(word)}")
        return number

    return read


def price(word: str) -> int:
    """Reads a price above 0 in minor units."""
    minor = _scaled(word, EXPONENT)
    if minor is None or not 0 < minor < AMOUNT_MAJOR_MAX * 10**EXPONENT:
        raise BadCommand(
            f"price must be a number above 0 and below {AMOUNT_MAJOR_MAX}, with at most {EXPONENT} decimals, "
            f"not {quoted(word)}"
        )
    return minor


def percent(word: str) -> int:
    """Reads a limit of 0 to 100 percent, in millionths of a percent."""
    micro = _scaled(word, _PERCENT_PLACES)
    if micro is None or micro > 100 * MICRO:
        raise BadCommand(
            f"limit must be a number from 0 to 100, with at most {_PERCENT_PLACES} decimals, not {quoted(word)}"
        )
    return micro


def quoted(word: str) -> str:
    """A word as a message shows it, cut short where it is long."""
    return f'"{word}"' if len(word) <= _SHOWN else f'"{word[:_SHOWN]}..."'


def _scaled(word: str, places: int) -> int | None:
    if _DECIMAL.fullmatch(word) is None:
        return None
    try:
        return scale_decimal(Decimal(word), places)
    except NotANumber:
        return None
