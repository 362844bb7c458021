"""How single values of an answer are written, by what the declaration says of their type; `write_quote.py` puts them together.

The text of an amount is made once: an answer of one line holds some forty, and the same ones come again and again. The inputs
of a calculation are written by what their struct declares: rule types and kinds of discount declare them in modules of their
own, also from outside this package, so they are looked up as they come and are no part of the generated writer.

Source: docs/spec/quotes.md#answer; docs/spec/wire.md#money.
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, get_args, get_type_hints

import msgspec
from msgspec import UNSET
from msgspec.structs import astuple

from quote_service.platform.money.amounts import MICRO, amount_text, decimal_text, unit_price_text
from quote_service.pricing.calculation_inputs import CalculationInputs
from quote_service.pricing.commission.compiled_rate import PERCENT_PLACES, CompiledRate
from quote_service.pricing.flags.decision import Decision

_KEPT_BELOW: Final = 65_536  # minor units; some 4 MB for a currency once all of them have come by


class AmountTexts:
    """Texts by minor units, for currencies of one exponent: `texts[5100]` is `51.00`.

    Those of small amounts are kept in a list, where compiled code finds one without making a number or a hash of it.
    """

    __slots__ = ("_exponent", "_kept")

    def __init__(self, exponent: int) -> None:
        self._exponent = exponent
        self._kept: list[str] = []  # empty texts for those not asked for yet

    def __getitem__(self, amount_minor: int) -> str:
        if not 0 <= amount_minor < _KEPT_BELOW:
            return amount_text(amount_minor, self._exponent)
        if not self._kept:  # few services have currencies of every exponent
            self._kept = [""] * _KEPT_BELOW
        text = self._kept[amount_minor]
        if not text:
            text = self._kept[amount_minor] = amount_text(amount_minor, self._exponent)
        return text


AMOUNT_TEXTS: Final[dict[int, AmountTexts]] = {exponent: AmountTexts(exponent) for exponent in (0, 2, 3, 4)}


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
