"""What goes on now: quotes of the last minute, and what was sold today beside the same day of last week.

Source: docs/spec/analytics.md#live-figures.
"""

from datetime import datetime
from decimal import Decimal

import msgspec


class LiveQuotes(msgspec.Struct, frozen=True, kw_only=True):
    """Quotes of this server's processes; rates over the last 10 seconds, all else over the last minute."""

    per_second: float
    """Quotes answered a second."""
    answered: int
    """Quotes answered."""
    hit_rate: float | None
    """Share of answers that were issued before, as a fraction of 1; null without an answer."""
    p50_ms: float | None
    """Half of the answers took at most so long, in milliseconds; null without an answer."""
    p99_ms: float | None
    """99 of 100 answers took at most so long, in milliseconds; null without an answer."""
    refused: int
    """Requests for a quote that were refused: invalid, not allowed, or too many (4xx)."""
    failed: int
    """Requests for a quote that failed or found no room (5xx)."""
    history: list[float]
    """Quotes answered a second in the last two minutes, two seconds each, the earliest first."""


class SoldSoFar(msgspec.Struct, frozen=True, kw_only=True):
    """What was sold in a part of a day."""

    orders: int
    """Orders placed."""
    revenue: Decimal
    """What customers pay, less what was given back in this time."""
    commission: Decimal
    """Commission, less what was given back in this time."""


class LiveCurrency(msgspec.Struct, frozen=True, kw_only=True):
    """What was sold in one currency."""

    currency: str
    """ISO 4217 code of the currency."""
    today: SoldSoFar
    """Since midnight."""
    last_week: SoldSoFar
    """On the same day of last week, from midnight to `last_week_until`."""


class LiveSales(msgspec.Struct, frozen=True, kw_only=True):
    """What was sold today; currencies are never added up."""

    time_zone: str
    """IANA time zone that days begin by."""
    since: datetime
    """Beginning of today."""
    counted_until: datetime | None
    """Orders before this are counted; null before the first count."""
    last_week_since: datetime
    """Beginning of the same day of last week."""
    last_week_until: datetime
    """The same time of last week, to the end of its hour."""
    currencies: list[LiveCurrency]
    """Each currency in which something was sold on either day."""


class LiveOverview(msgspec.Struct, frozen=True, kw_only=True):
    """What goes on now."""

    at: datetime
    """When the figures were taken."""
    quotes: LiveQuotes
    """Quotes."""
    sales: LiveSales | None
    """What was sold today, up to some seconds old; null while PostgreSQL cannot be reached."""
