"""The kinds of number an admin writes, declared on the field itself and checked by one walk over a struct.

    Amount   money: >= 0, under 10**13, no finer than the currency
    Factor   something multiplied with (per km, a multiplier): >= 0, at most 6 decimals
    Percent  0 to 100, at most 6 decimals
    AmountChange   money that is added to a price: as Amount, and below 0 too
    PercentChange  by which a price changes: -100 to 10 000, at most 6 decimals

`quantity_faults` finds every field that does not fit; `holds_amounts` says whether a currency is needed.

Source: docs/spec/wire.md#money; docs/spec/pricing-rules.md#amounts-and-currency.
"""

from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from quote_service.platform.money.amounts import AMOUNT_MAJOR_MAX
from quote_service.platform.money.numbers import ExactNumber, NotANumber, scale_decimal
from quote_service.platform.system.errors import Fault

Kind = Literal["amount", "factor", "percent", "amount change", "percent change"]
_MONEY: tuple[Kind, ...] = ("amount", "amount change")
_PERCENT_CHANGE_MAX = 10_000

_BELOW_MAX = {"minimum": 0, "exclusiveMaximum": AMOUNT_MAJOR_MAX}
Amount = Annotated[ExactNumber, msgspec.Meta(extra={"quantity": "amount"}, extra_json_schema=_BELOW_MAX)]
Factor = Annotated[ExactNumber, msgspec.Meta(extra={"quantity": "factor"}, extra_json_schema=_BELOW_MAX)]
Percent = Annotated[
    ExactNumber, msgspec.Meta(extra={"quantity": "percent"}, extra_json_schema={"minimum": 0, "maximum": 100})
]
AmountChange = Annotated[
    ExactNumber,
    msgspec.Meta(
        extra={"quantity": "amount change"},
        extra_json_schema={"exclusiveMinimum": -AMOUNT_MAJOR_MAX, "exclusiveMaximum": AMOUNT_MAJOR_MAX},
    ),
]
PercentChange = Annotated[
    ExactNumber,
    msgspec.Meta(
        extra={"quantity": "percent change"}, extra_json_schema={"minimum": -100, "maximum": _PERCENT_CHANGE_MAX}
    ),
]

FACTOR_PLACES = 6


def quantity_faults(document: msgspec.Struct, pointer: str, exponent: int) -> Iterator[Fault]:
    """Every number in a document that its kind does not allow, nested structs and lists of them included.

    Args:
        document: An authored struct whose numbers are declared with the kinds above.
        pointer: Where the document stands in what was sent.
        exponent: Minor digits of the currency that its amounts are in; 6 where there is not a currency.
    """
    for where, kind, number in _quantities(document, pointer):
        detail = _fault_of(kind, number, exponent)
        if detail:
            yield Fault(where, detail)


def holds_amounts(document: msgspec.Struct) -> bool:
    """Whether any money is given in a document, so that it means nothing without a currency."""
    return any(kind in _MONEY for _, kind, _ in _quantities(document, ""))


def _fault_of(kind: Kind, number: ExactNumber, exponent: int) -> str | None:
    if number < 0 and kind not in ("amount change", "percent change"):
        return "must not be negative"
    is_money = kind in _MONEY
    places = exponent if is_money else FACTOR_PLACES
    try:
        scale_decimal(number, places)
    except NotANumber:
        return f"must have at most {places} decimals" + (" in its currency" if is_money else "")
    if kind == "percent" and number > 100:
        return "must be at most 100"
    if kind == "percent change" and not -100 <= number <= _PERCENT_CHANGE_MAX:
        return f"must be from -100 to {_PERCENT_CHANGE_MAX}"
    if abs(number) >= AMOUNT_MAJOR_MAX:
        return "must be less than 10^13" if number > 0 else "must be more than -10^13"
    return None


def pointer_part(name: str) -> str:
    """A name as a part of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def _quantities(document: msgspec.Struct, pointer: str) -> Iterator[tuple[str, Kind, ExactNumber]]:
    for name, wire_name, kind in _fields_of(type(document)):
        value = getattr(document, name)
        yield from _within(value, f"{pointer}/{wire_name}", kind)


def _within(value: Any, pointer: str, kind: Kind | None) -> Iterator[tuple[str, Kind, ExactNumber]]:
    if isinstance(value, ExactNumber):
        if kind is not None:
            yield pointer, kind, value
    elif isinstance(value, msgspec.Struct):
        yield from _quantities(value, pointer)
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _within(entry, f"{pointer}/{index}", kind)
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield from _within(entry, f"{pointer}/{pointer_part(str(key))}", kind)


@cache
def _fields_of(document: type[msgspec.Struct]) -> tuple[tuple[str, str, Kind | None], ...]:
    hints = get_type_hints(document, include_extras=True)
    wire_names = dict(zip(document.__struct_fields__, document.__struct_encode_fields__, strict=True))
    return tuple((name, wire_names[name], _kind_of(hints[name])) for name in document.__struct_fields__)


def _kind_of(hint: Any) -> Kind | None:
    if get_origin(hint) is Annotated:
        for note in hint.__metadata__:
            if isinstance(note, msgspec.Meta) and note.extra and "quantity" in note.extra:
                kind: Kind = note.extra["quantity"]
                return kind
    for argument in get_args(hint):
        kind_within = _kind_of(argument)
        if kind_within is not None:
            return kind_within
    return None
