"""What honouring the prices of quotes cost or gained, as it is told.

Source: docs/spec/analytics.md#honoured-prices.
"""

from datetime import datetime
from decimal import Decimal

import msgspec

from quote_service.pricing.honoured.find_difference import CauseKind
from quote_service.steering.analytics.model.honoured import EffectSums, QuoteSums
from quote_service.steering.analytics.model.reports.amounts import amount, share


class HonouredFreshness(msgspec.Struct, frozen=True, kw_only=True):
    """Until when figures are whole; all of them are exact."""

    read_at: datetime
    """When the figures were read, all of one state of the database."""
    compared_until: datetime
    """Every quote that was accepted before this has been compared: half a minute ago, or earlier after many at once."""
    is_exact: bool = True
    """Always `true`: each accepted quote is compared once, and amounts are added up to the minor unit."""


class HonouredFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Accepted quotes and what they would have come to, had they been issued when they were accepted."""

    accepted: int
    """Quotes accepted in the period."""
    not_compared: int
    """Those of them whose price at the acceptance cannot be worked out: they are counted and no more."""
    changed: int
    """Those whose total or commission had changed by then."""
    changed_share: Decimal | None
    """Changed over accepted quotes that were compared; null without one."""
    dearer: int
    """Those of the changed that a new quote would have charged more for."""
    cheaper: int
    """Those of the changed that it would have charged less for."""
    cost: Decimal
    """What the more expensive ones would have come to, less what they came to: what honouring their price cost."""
    gain: Decimal
    """What the cheaper ones came to, less what they would have come to."""
    difference: Decimal
    """Gain less cost: totals of the quotes less what new ones would have come to."""
    commission_difference: Decimal
    """Commission of the quotes less what it would have been."""


class HonouredChange(msgspec.Struct, frozen=True, kw_only=True):
    """What one change of prices made of it."""

    kind: CauseKind
    """What changed: a catalog `price`, a `flash_sale`, `stock` or `demand` that price rules go by, a `flag`, a `rule`, a commission `rate`; `clock` for rollouts of several flags, `other` for what is not kept."""
    key: str | None
    """Name of the rule, key of the flag, id of the rate, sale, product or variant; null for `clock` and `other`."""
    quotes: int
    """Quotes that it made a difference to."""
    difference: Decimal
    """Their totals less what they would have been by this change; below 0 it cost."""
    commission_difference: Decimal
    """Likewise of commission."""


class HonouredOthers(msgspec.Struct, frozen=True, kw_only=True):
    """All changes together that are not listed one by one."""

    difference: Decimal
    """What they made of totals."""
    commission_difference: Decimal
    """What they made of commission."""


class HonouredCurrency(msgspec.Struct, frozen=True, kw_only=True):
    """One currency; nothing is added up over currencies."""

    currency: str
    """ISO 4217 code."""
    figures: HonouredFigures
    """Of all quotes in it."""
    changes: list[HonouredChange]
    """The changes that made the largest differences of totals, then of commission; with `others` they add up to the figures."""
    others: HonouredOthers | None
    """What is not in `changes`; null if nothing is left."""


class HonouredReport(msgspec.Struct, frozen=True, kw_only=True):
    """What honouring the prices of accepted quotes cost or gained."""

    from_: datetime = msgspec.field(name="from")
    """Beginning of the period."""
    to: datetime
    """End of the period, which is not part of it."""
    time_zone: str
    """IANA time zone that dates of the period are of."""
    freshness: HonouredFreshness
    """Until when figures are whole."""
    currencies: list[HonouredCurrency]
    """Each currency by itself."""


def honoured_figures(sums: QuoteSums, currency: str) -> HonouredFigures:
    """The figures of some sums."""
    return HonouredFigures(
        accepted=sums.accepted,
        not_compared=sums.not_compared,
        changed=sums.changed,
        changed_share=share(sums.changed, sums.accepted - sums.not_compared),
        dearer=sums.dearer,
        cheaper=sums.cheaper,
        cost=amount(sums.cost_minor, currency),
        gain=amount(sums.gain_minor, currency),
        difference=amount(sums.gain_minor - sums.cost_minor, currency),
        commission_difference=amount(sums.commission_minor, currency),
    )


def honoured_change(kind: CauseKind, key: str, sums: EffectSums, currency: str) -> HonouredChange:
    """What one change made."""
    return HonouredChange(
        kind=kind,
        key=key or None,
        quotes=sums.quotes,
        difference=amount(sums.total_minor, currency),
        commission_difference=amount(sums.commission_minor, currency),
    )


def honoured_others(sums: EffectSums, currency: str) -> HonouredOthers:
    """What is left."""
    return HonouredOthers(
        difference=amount(sums.total_minor, currency), commission_difference=amount(sums.commission_minor, currency)
    )
