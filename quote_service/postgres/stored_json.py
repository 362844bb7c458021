"""JSON columns back into structs, with numbers as they were written: never through a binary float."""

import json
from typing import Any, TypeVar

import msgspec

from quote_service.domain.numbers import ExactNumber, read_number

Stored = TypeVar("Stored")


def read_json(text: str) -> Any:
    """Any JSON: whole numbers as int, others as ExactNumber with their digits (`10` stays int, `10.0` stays `10.0`)."""
    return json.loads(text, parse_float=ExactNumber)


def read_struct(text: str, kind: type[Stored]) -> Stored:
    """A JSON column as the type it was written from.

    Raises:
        msgspec.ValidationError: It is not of that type.
    """
    return msgspec.convert(read_json(text), kind, dec_hook=_exact_number)


def _exact_number(kind: type, value: object) -> ExactNumber:
    if kind is not ExactNumber:
        raise NotImplementedError(f"{kind} is not stored")
    return read_number(value)
