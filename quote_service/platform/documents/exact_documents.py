"""Documents whose numbers are exact: plain values in, structs with `ExactNumber` fields out.

Source: docs/spec/wire.md#money.
"""

import json
from typing import Any, TypeVar

import msgspec

from quote_service.platform.money.numbers import ExactNumber, read_number, written_number

Document = TypeVar("Document")


def exact_field(wanted: type, value: Any) -> Any:
    """msgspec's hook for field types of ours: reads an ExactNumber, raising NotANumber (a ValueError) otherwise."""
    if wanted is ExactNumber:
        return read_number(value)
    raise NotImplementedError(f"no reader for {wanted}")


def convert_exact(value: Any, wanted: type[Document]) -> Document:
    """Read plain values, whose fractions are decimals and not floats, as a struct.

    Raises:
        msgspec.ValidationError: They do not fit; the message ends with the path.
    """
    return msgspec.convert(value, wanted, dec_hook=exact_field)


def parse_exact(text: str | bytes) -> Any:
    """Parse JSON of our own making (out of the database): fractions become ExactNumber, never float."""
    return json.loads(text, parse_float=written_number, parse_int=read_integer)


def read_integer(literal: str) -> int | ExactNumber:
    """An int, but for the zero below zero, which an int cannot keep."""
    return ExactNumber(literal) if literal == "-0" else int(literal)
