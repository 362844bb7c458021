"""The one table of refusals of a purchase: by verdict, what the buyer is told, whoever has decided it.

A verdict is decided in `flash_sales.lua`, or in `operations/buying/admit_directly.py` while Redis is unavailable, by the same words and in
the same order. The endpoint's problems and the metrics' reasons follow from the table.

Source: docs/spec/flash-sales.md#order-of-checks; docs/spec/flash-sales.md#purchase.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

import msgspec

from quote_service.platform.system.errors import (
    Conflict,
    IdempotencyKeyReused,
    Overloaded,
    QuoteServiceError,
    Unavailable,
)
from quote_service.selling.flash_sales.model.sale import of_minor


class Verdict(StrEnum):
    """One for each answer of `reserve` in `flash_sales.lua`; PostgreSQL decides by the same, and in the same order."""

    RESERVED = "RESERVED"
    REPLAYED = "REPLAYED"
    MISMATCH = "MISMATCH"
    NOT_LOADED = "NOT_LOADED"
    STALE = "STALE"
    NOT_ACTIVE = "NOT_ACTIVE"
    NOT_STARTED = "NOT_STARTED"
    ENDED = "ENDED"
    PRICE_CHANGED = "PRICE_CHANGED"
    LIMIT = "LIMIT"
    SOLD_OUT = "SOLD_OUT"
    BUSY = "BUSY"


class UnknownVerdict(Exception):
    """An answer that has no name here: a mistake of ours, or another's functions under our name.

    It is not known whether units were taken, so it is answered as an error and never as a refusal.
    """


class SoldOut(Conflict):
    code = "sold-out"
    title = "Sold out"


class LimitReached(Conflict):
    """`per_customer_limit` is how many units one customer may have."""

    code = "limit-reached"
    title = "Limit per customer reached"
    per_customer_limit: int


class PriceChanged(Conflict):
    """`unit_price` is what a unit costs now: JSON number and currency."""

    code = "price-changed"
    title = "Price changed"
    unit_price: msgspec.Raw
    currency: str


class SaleNotActive(Conflict):
    code = "sale-not-active"
    title = "Flash sale not active"


class SaleNotLoaded(Unavailable):
    code = "sale-not-loaded"
    title = "Flash sale not ready"


class Refusal(NamedTuple):
    """What a verdict is told as: `explain` makes the error of the item's currency and of the number of the verdict."""

    error: type[QuoteServiceError]
    explain: Callable[[str, int], QuoteServiceError]


def _says(error: type[QuoteServiceError], detail: str, retry_after_seconds: int | None = None) -> Refusal:
    return Refusal(error, lambda currency, number: error(detail, retry_after_seconds=retry_after_seconds))


def _price_changed(currency: str, price_minor: int) -> PriceChanged:
    price = msgspec.Raw(str(of_minor(price_minor, currency)).encode())
    return PriceChanged("The price has changed", unit_price=price, currency=currency)


def _limit_reached(currency: str, limit: int) -> LimitReached:
    return LimitReached(f"Each customer can buy at most {limit} units", per_customer_limit=limit)


REFUSALS: dict[Verdict, Refusal] = {
    Verdict.MISMATCH: _says(
        IdempotencyKeyReused, "This key was used with a different request; use a new key for a new request"
    ),
    Verdict.SOLD_OUT: _says(SoldOut, "Not enough stock"),
    Verdict.LIMIT: Refusal(LimitReached, _limit_reached),
    Verdict.PRICE_CHANGED: Refusal(PriceChanged, _price_changed),
    Verdict.NOT_ACTIVE: _says(SaleNotActive, "This flash sale is not active now"),
    Verdict.NOT_STARTED: _says(SaleNotActive, "This flash sale has not started"),
    Verdict.ENDED: _says(SaleNotActive, "This flash sale has ended"),
    Verdict.NOT_LOADED: _says(SaleNotLoaded, "This flash sale is not ready yet; try again", 1),
    Verdict.STALE: _says(SaleNotLoaded, "This flash sale is not ready yet; try again", 1),
    Verdict.BUSY: _says(Overloaded, "Too many purchases are waiting to be recorded; try again", 1),
}
PURCHASE_PROBLEMS: tuple[type[QuoteServiceError], ...] = tuple(
    dict.fromkeys(refusal.error for refusal in REFUSALS.values())
)
REFUSAL_CODES: tuple[str, ...] = tuple(error.code for error in PURCHASE_PROBLEMS if error.kind == Conflict.kind)


def refusal_of(verdict: Verdict, currency: str, number: int = 0) -> QuoteServiceError:
    """The error that tells a verdict.

    Args:
        verdict: Any that refuses.
        currency: Of the item.
        number: The price there is now in minor units, or the limit, where the verdict goes with one.

    Raises:
        UnknownVerdict: The verdict refuses nothing.
    """
    refusal = REFUSALS.get(verdict)
    if refusal is None:
        raise UnknownVerdict(f"{verdict} came without a reservation")
    return refusal.explain(currency, number)
