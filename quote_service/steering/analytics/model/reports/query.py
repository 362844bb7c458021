"""What a report was asked for.

Source: docs/spec/analytics.md#reports.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from quote_service.steering.analytics.model.cubes import (
    DIMENSIONS,
    LINE_DIMENSIONS,
    SHARED_DIMENSIONS,
    Dimension,
    cube_of,
)
from quote_service.steering.analytics.model.reports.dimensions import TIMES, GroupBy, TimeOfReport
from quote_service.steering.analytics.model.reports.pieces import Resolution


class ReportQuery(NamedTuple):
    """A report's period, groups and filters.

    Attributes:
        begin: Beginning of the period, in UTC.
        end: Its end, which is not part of it.
        is_open: The end is the present.
        group_by: At most two.
        filters: The value that each of these dimensions must have; with those of `group_by` at most two dimensions.
        currency: The only currency to be told; None for all.
        sort: The figure by which the largest groups are found.
        limit: How many groups, times apart, are told in each currency.
    """

    begin: datetime
    end: datetime
    is_open: bool
    group_by: tuple[GroupBy, ...] = ()
    filters: Mapping[Dimension, str] = {}
    currency: str | None = None
    sort: str = ""
    limit: int = 50

    @property
    def times(self) -> tuple[TimeOfReport, ...]:
        """The times it is grouped by."""
        return tuple(time for time in TIMES if time in self.group_by)

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        """The dimensions it is grouped by."""
        return tuple(dimension for dimension in DIMENSIONS if dimension in self.group_by)

    @property
    def cube(self) -> str:
        """The cube that has the dimensions of groups and filters."""
        return cube_of({*self.dimensions, *self.filters})

    @property
    def counts(self) -> Literal["quotes", "lines"]:
        """What is counted: lines where a dimension is that of a line."""
        return "lines" if LINE_DIMENSIONS & {*self.dimensions, *self.filters} else "quotes"

    @property
    def adds_up(self) -> bool:
        """Whether all groups together are the total."""
        return not SHARED_DIMENSIONS.intersection(self.dimensions)

    @property
    def resolution(self) -> Resolution:
        """How finely time is distinguished."""
        if "hour" in self.times:
            return "hour" if len(self.times) > 1 else "hour_of_day"
        return "day" if self.times else "whole"

    def whole(self) -> "ReportQuery":
        """The same over all times together."""
        return self._replace(group_by=tuple(group for group in self.group_by if group not in TIMES))

    def totals(self, *, has_payouts: bool) -> "ReportQuery":
        """The same groups of time, of all values of the dimensions together that it is grouped by.

        What is counted stays the same: figures of lines are added up over the categories, which are fewest; over the sellers where
        these are what it is grouped by, and payouts are told, which categories have none of.
        """
        over: tuple[Dimension, ...] = ()
        if self.counts == "lines" and not LINE_DIMENSIONS & self.filters.keys():
            is_of_sellers = has_payouts and LINE_DIMENSIONS.intersection(self.dimensions) == {"seller"}
            over = ("seller",) if is_of_sellers else ("category",)
        return self._replace(group_by=(*self.times, *over))
