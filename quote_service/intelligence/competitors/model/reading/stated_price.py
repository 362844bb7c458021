"""A price as documents nest it: `{"value": 9.9, "currency": "EUR"}`, `{"@value": "9.90"}`, `["9.90"]`.

Source: schema.org MonetaryAmount; Google's Content API, Price; docs/spec/competitors.md#what-is-read.
"""

from collections.abc import Mapping
from typing import Any

_AMOUNTS = ("value", "@value", "amount", "price")
_CURRENCIES = ("currency", "currencyCode", "priceCurrency")


def plain_price(value: Any) -> Any:
    """The amount itself; of several it is as it was."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, Mapping):
        return next((value[name] for name in _AMOUNTS if name in value), None)
    return value


def price_currency(value: Any) -> str | None:
    """The currency that stands beside the amount; None where none does."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    named = next((value[name] for name in _CURRENCIES if name in value), None) if isinstance(value, Mapping) else None
    return named if isinstance(named, str) else None
