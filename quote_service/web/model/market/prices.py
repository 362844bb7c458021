"""What the API tells of prices, as series over time and as what competitors ask now.

Source: docs/spec/web.md#market.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

Document = Mapping[str, Any]
_CENT = Decimal("0.01")


def instant(text: str) -> datetime:
    """An instant of the API."""
    return datetime.fromisoformat(text).astimezone(UTC)


def amount(value: Any) -> Decimal | None:
    """An amount of the API, to the digit."""
    return None if value is None else Decimal(str(value))


def per_unit(price: Any, units: Any) -> Decimal | None:
    """The price of one unit of ours, to a hundredth: what is drawn, while the API compares to a millionth."""
    if price is None:
        return None
    held = Decimal(str(units))
    whole = Decimal(str(price))
    return whole if held == 1 else (whole / held).quantize(_CENT, ROUND_HALF_EVEN)


def price_in(product: Document, currency: str) -> Document | None:
    """The price of a product in a currency; in its first where none is named."""
    prices: Iterable[Document] = product.get("prices") or ()
    return next((each for each in prices if not currency or each["currency"] == currency), None)


def sold(observation: Document) -> bool:
    """Whether what was observed is a price that somebody could pay."""
    return observation["price"] is not None and observation["availability"] not in ("out_of_stock", "discontinued")
