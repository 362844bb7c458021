"""Values that an admin wrote, as the JSON they were written in: 10 stays `10`, and 10.0 stays `10.0`.

Source: docs/spec/feature-flags.md#types-and-values.
"""

from typing import Any

import msgspec

from quote_service.platform.money.numbers import ExactNumber


def _exact(value: Any) -> msgspec.Raw:
    if isinstance(value, ExactNumber):
        return msgspec.Raw(str(value).encode())
    raise TypeError(f"{type(value).__name__} is no JSON value")


_ENCODER = msgspec.json.Encoder(enc_hook=_exact, decimal_format="number")


def json_literal(value: Any) -> str:
    """The compact JSON of a value made of dicts, lists, texts, bools, None, ints and exact numbers."""
    return _ENCODER.encode(value).decode()
