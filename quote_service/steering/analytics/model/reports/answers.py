"""Reports as they are answered.

Source: docs/spec/analytics.md#reports.
"""

from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

from quote_service.steering.analytics.model.cubes import Dimension
from quote_service.steering.analytics.model.reports.commission import CommissionFigures
from quote_service.steering.analytics.model.reports.dimensions import GroupBy
from quote_service.steering.analytics.model.reports.pricing import PricingFigures, RuleDiscount

GroupKeys = dict[str, str | int | None]
Change = Literal["up", "down"]


class Freshness(msgspec.Struct, frozen=True, kw_only=True):
    """Until when figures are whole, and which of them are exact."""

    read_at: datetime
    """When the figures were read, all of one state of the database."""
    quotes_until: datetime
    """Quotes answered before this are counted, but for those of a process that was killed within a second of them."""
    quotes_are_exact: bool = False
    """Always `false`: what a killed process had not yet written is not counted."""
    orders_until: datetime | None
    """Accepted quotes, orders, refunds and cancellations before this are counted; null before the first count."""
    orders_are_exact: bool = True
    """Always `true`: they are counted from the rows themselves, each once."""
    exact_since: datetime | None = None
    """Of what was counted before, an hour that lies in two of the days or hours told, or at an end of the period, counts where it begins; null where all is exact."""


class ReportHead(msgspec.Struct, frozen=True, kw_only=True):
    """What a report is of."""

    from_: datetime = msgspec.field(name="from")
    """Beginning of the period."""
    to: datetime
    """End of the period, which is not part of it."""
    time_zone: str
    """IANA time zone that days and hours begin by: the one that was asked for."""
    group_by: list[GroupBy]
    """What figures are grouped by."""
    filters: dict[Dimension, str]
    """What is told alone."""
    counts: Literal["quotes", "lines"]
    """`lines` if a group or filter is a category, seller or product: all counts and amounts are then of lines."""
    freshness: Freshness
    """Until when figures are whole, and which are exact."""


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """A period."""

    from_: datetime = msgspec.field(name="from")
    """Its beginning."""
    to: datetime
    """Its end, which is not part of it."""


class PricingGroup(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The figures of one group."""

    keys: GroupKeys
    """What the group is of, by the names in `group_by`; null for what is not known, `other` for what was too many to distinguish."""
    figures: PricingFigures
    """Its figures."""


class Mover(msgspec.Struct, frozen=True, kw_only=True):
    """A group whose amount changed much."""

    key: str | None
    """Value of the dimension; null for what is not known."""
    amount: Decimal
    """In the period."""
    previous: Decimal
    """In the period before."""
    change: Decimal
    """The difference."""
    change_share: Decimal | None
    """The difference over the amount before; null where that is not above 0."""


class Movers(msgspec.Struct, frozen=True, kw_only=True):
    """What changed most against the period before."""

    dimension: Dimension
    """What is compared."""
    up: list[Mover]
    """What rose most, at most 5."""
    down: list[Mover]
    """What fell most, at most 5."""


class PricingCurrency(msgspec.Struct, frozen=True, kw_only=True):
    """A report's figures in one currency; nothing is added up over currencies."""

    currency: str
    """ISO 4217 code."""
    totals: PricingFigures
    """Of all groups together."""
    previous: PricingFigures | None
    """Totals of the period before; null unless `compare=previous`."""
    movers: Movers | None
    """What `total` of orders changed most; null unless `compare=previous`, and where a third dimension would be needed."""
    discounts_by_rule: list[RuleDiscount] | None
    """The ten rules that took most off orders; null where a third dimension would be needed."""
    groups: list[PricingGroup]
    """The largest groups first; those of time in order."""
    groups_found: int
    """How many there are that have any of what is sorted by, times apart; where these are fewer than `limit`, all that are there."""
    others: list[PricingGroup]
    """What is not in `groups`, by time if grouped by time; empty if nothing is left, and by rule or flag, where groups do not add up."""


class PricingReport(ReportHead, frozen=True, kw_only=True):
    """What was quoted and sold."""

    previous: Period | None
    """The period before; null unless `compare=previous`."""
    currencies: list[PricingCurrency]
    """Each currency by itself."""


class CommissionGroup(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The figures of one group."""

    keys: GroupKeys
    """What the group is of, by the names in `group_by`; null for what is not known."""
    figures: CommissionFigures
    """Its figures."""


class RateOf(msgspec.Struct, frozen=True, kw_only=True):
    """What is charged in a category or region."""

    key: str | None
    """Id of the category, or the region; null for what is not known."""
    commission: Decimal
    """Commission charged."""
    average_rate: Decimal | None
    """Commission over its base; null without a base."""
    difference_to_whole: Decimal | None
    """By how much that is above the average rate of the whole; null where one of them is."""


class CommissionCurrency(msgspec.Struct, frozen=True, kw_only=True):
    """Commission in one currency; nothing is added up over currencies."""

    currency: str
    """ISO 4217 code."""
    totals: CommissionFigures
    """Of all groups together."""
    previous: CommissionFigures
    """Totals of the period before."""
    by_category: list[RateOf] | None
    """The twenty categories with most commission; null where a third dimension would be needed."""
    by_region: list[RateOf] | None
    """The twenty regions with most commission; null likewise."""
    movers: Movers | None
    """What commission changed most against the period before: of the dimension grouped by, or of sellers; null likewise."""
    groups: list[CommissionGroup]
    """The largest groups first; those of time in order."""
    groups_found: int
    """How many there are that have any of what is sorted by, times apart; where these are fewer than `limit`, all that are there."""
    others: list[CommissionGroup]
    """What is not in `groups`; empty if nothing is left, and by rule or flag, where groups do not add up."""


class CommissionReport(ReportHead, frozen=True, kw_only=True):
    """What was earned."""

    previous: Period
    """The period before."""
    currencies: list[CommissionCurrency]
    """Each currency by itself."""
