"""Adoption of feature flags: who was quoted with which variant.

Source: docs/spec/analytics.md#flags.
"""

from datetime import date, datetime
from decimal import Decimal

import msgspec

from quote_service.steering.analytics.model.reports.answers import Freshness


class FlagDay(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A variant on one day."""

    day: date
    """The day."""
    answers: int
    """Answers with a quote that shows this variant."""
    share: Decimal | None
    """Their share of all answers of the day that show the flag."""
    issued: int
    """Quotes issued with it."""
    accepted: int
    """Accepted quotes with it."""
    conversion_rate: Decimal | None
    """Share of the quotes issued with it that were accepted, whenever that was; null where it is not known."""
    orders: int
    """Orders of quotes with it."""


class FlagVariant(msgspec.Struct, frozen=True, kw_only=True):
    """What some customers got of a flag."""

    variant: str
    """Name of the variant, or the value of a flag without variants."""
    answers: int
    """Answers with a quote that shows this variant, in all currencies."""
    share: Decimal | None
    """Their share of all answers that show the flag."""
    issued: int
    """Quotes issued with it."""
    accepted: int
    """Accepted quotes with it."""
    conversion_rate: Decimal | None
    """Share of the quotes issued with it that were accepted, whenever that was; null where it is not known."""
    orders: int
    """Orders of quotes with it."""
    days: list[FlagDay]
    """Its days in order; empty unless `group_by=day`."""


class FlagAdoption(msgspec.Struct, frozen=True, kw_only=True):
    """How far a flag has come."""

    flag: str
    """Key of the flag."""
    answers: int
    """Answers with a quote that shows the flag, in all currencies."""
    share_of_all: Decimal | None
    """Their share of all answers with a quote."""
    variants: list[FlagVariant]
    """What customers got, the most frequent first."""


class FlagsReport(msgspec.Struct, frozen=True, kw_only=True):
    """Adoption of flags."""

    from_: datetime = msgspec.field(name="from")
    """Beginning of the period."""
    to: datetime
    """End of the period, which is not part of it."""
    time_zone: str
    """IANA time zone that days begin by."""
    freshness: Freshness
    """Until when figures are whole, and which are exact."""
    answers: int
    """All answers with a quote, whatever flags they show."""
    flags: list[FlagAdoption]
    """Each flag that a quote shows, by key."""
    left_out: int
    """Variants that there was no room for, those with the fewest answers."""
