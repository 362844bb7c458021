"""Writes the inputs of a calculation, by what their struct declares.

Rule types and kinds of discount declare inputs in modules of their own, also from outside this package, so these are looked
up as they come and are no part of the writer that is made beforehand.

Source: docs/spec/quotes.md#answer.
"""

from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, get_args, get_type_hints

import msgspec
from msgspec import UNSET
from msgspec.structs import astuple

from quote_service.platform.money.amounts import decimal_text
from quote_service.pricing.calculation_inputs import CalculationInputs
from quote_service.quotes.answer.amount_texts import AmountTexts

_AMOUNT: Final = 0
_SCALED: Final = 1
_FLOAT: Final = 2
_EXACT: Final = 3
_WHOLE: Final = 4
_TEXT: Final = 5


class _Member:
    """One figure of some inputs: its name as it is written, and how its value is."""

    __slots__ = ("form", "name", "pattern", "places")

    def __init__(self, attribute: str, hint: Any) -> None:
        self.name = f'"{attribute}":'
        reported = [hint, *get_args(hint)]
        extra: dict[str, Any] = {}
        for each in reported:
            for meta in getattr(each, "__metadata__", ()):
                if isinstance(meta, msgspec.Meta) and meta.extra:
                    extra.update(meta.extra)
        kinds = {getattr(each, "__origin__", each) for each in reported}
        self.places: int = extra.get("places", 0)
        self.pattern = f"%.{self.places}f"
        if extra.get("written") == "amount":
            self.form = _AMOUNT
        elif extra.get("written") == "decimal":
            self.form = _FLOAT if float in kinds else _EXACT if Decimal in kinds else _SCALED
        else:
            self.form = _WHOLE if int in kinds else _TEXT


_MEMBERS: dict[type[CalculationInputs], list[_Member]] = {}


def write_inputs(inputs: CalculationInputs, amounts: AmountTexts) -> str:
    """The JSON object of some inputs, without what plays no part in them.

    Args:
        inputs: What a step declared.
        amounts: The texts of the currency's amounts, by minor units.
    """
    members = _MEMBERS.get(type(inputs))
    if members is None:
        hints = get_type_hints(type(inputs), include_extras=True)
        members = _MEMBERS[type(inputs)] = [_Member(name, hints[name]) for name in inputs.__struct_fields__]
    values = astuple(inputs)  # all at once is quicker than each by its name
    unset = UNSET
    parts: list[str] = []
    for place, member in enumerate(members):
        value = values[place]
        if value is unset:
            continue
        form = member.form
        if form == _AMOUNT:
            text = amounts[value]
        elif form == _SCALED:
            text = _scaled_text(value, member.places)
        elif form == _FLOAT:
            text = (member.pattern % value).rstrip("0").rstrip(".")
        elif form == _EXACT:
            text = f"{value.normalize():f}"
        elif form == _WHOLE:
            text = str(value)
        else:
            text = f'"{value}"'
        parts.append(member.name + text)
    return "{" + ",".join(parts) + "}"


@lru_cache(maxsize=4096)
def _scaled_text(scaled: int, places: int) -> str:
    """Few different ones come by but for weights: percentages and factors of the rules."""
    return decimal_text(scaled, places)
