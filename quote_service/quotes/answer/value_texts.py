"""How single values of an answer are written, by what the declaration says of their type; `write_quote.py` puts them together.

Source: docs/spec/quotes.md#answer.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import msgspec

from quote_service.platform.money.amounts import MICRO, amount_text, decimal_text, unit_price_text
from quote_service.pricing.commission.compiled_rate import PERCENT_PLACES, CompiledRate
from quote_service.pricing.flags.decision import Decision
from quote_service.quotes.answer.amount_texts import AmountTexts

_FINER: Final[tuple[int, ...]] = tuple(MICRO // 10**exponent for exponent in range(7))  # millionths in a minor unit
_text_bytes: Final = msgspec.json.Encoder().encode


@lru_cache(maxsize=4096)
def json_text(text: str) -> str:
    """A text as JSON; few different ones come by: descriptions, and codes that are tried again and again."""
    return _text_bytes(text).decode()


def json_names(names: Sequence[str]) -> str:
    """A list of names in which there is nothing to escape."""
    return "[" + ",".join([f'"{name}"' for name in names]) + "]"


def unit_price(price_micro: int, exponent: int, amounts: AmountTexts) -> str:
    """The price of a unit; `amounts` are the texts of the currency's amounts."""
    finer = _FINER[exponent]
    return unit_price_text(price_micro, exponent) if price_micro % finer else amounts[price_micro // finer]


def percentage(percent_micro: int) -> str:
    """A percentage, held in millionths of a percent."""
    return decimal_text(percent_micro, PERCENT_PLACES)


def rate_charge(rate: CompiledRate) -> str:
    """What a commission rate charges: an amount for FLAT, null for TIERED, a percentage otherwise."""
    if rate.tiers is not None:
        return "null"
    if rate.commission_type == "FLAT":
        return amount_text(rate.charge, rate.exponent)
    return decimal_text(rate.charge, PERCENT_PLACES)


@lru_cache(maxsize=4096)
def flags_text(decisions: tuple[Decision, ...]) -> str:
    """The flags shown, by key; as many different ones come by as there are combinations of outcomes."""
    return f"{{{','.join([f'{json_text(decision.key)}:{decision.value}' for decision in decisions])}}}"
