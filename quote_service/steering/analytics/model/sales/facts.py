"""One thing that is counted: an accepted quote, an order, a refund or a cancellation, with what it is counted by.

What is not known is '': the place of an order whose customer has been erased, and everything but product and seller of what
was bought in a flash sale.

Source: docs/spec/analytics.md#orders.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

import msgspec

from quote_service.steering.analytics.model.sales.figures import Figures

Kind = Literal["quote", "order", "refund", "cancellation"]


# Every clock of the world is moved by whole quarters of an hour.
_QUARTER_MINUTES = 15


def quarter_of(at: datetime) -> datetime:
    """The quarter of an hour that an instant is in."""
    return at.replace(minute=at.minute - at.minute % _QUARTER_MINUTES, second=0, microsecond=0)


class Source(NamedTuple):
    """Something that is to be counted; the id is that of the accepted quote, of the order, or of the refund."""

    kind: Kind
    id: UUID


class RuleShare(NamedTuple):
    """What a rule took off, in minor units, by who pays for it."""

    seller_minor: int
    platform_minor: int


class Shopper(msgspec.Struct, frozen=True, gc=False):
    """Who was quoted what by which rules: the same for a quote and for all that comes of it."""

    region: str = ""
    tier: str = ""
    flags: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


class LineFact(msgspec.Struct, frozen=True, kw_only=True):
    """A line. `sellers` are figures of its whole seller, on the first of the seller's lines alone."""

    seller: str
    category: str
    product: str
    figures: Figures
    sellers: Figures
    rules: Mapping[str, RuleShare]


class SaleFact(msgspec.Struct, frozen=True, kw_only=True):
    """What is counted, and when it happened; `figures` are those of the whole, fees and tax on fees included."""

    at: datetime
    currency: str
    shopper: Shopper
    figures: Figures
    lines: tuple[LineFact, ...]
