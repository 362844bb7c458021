"""Behaviour as it is shown.

Source: docs/spec/behaviour.md#sums.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from quote_service.intelligence.behaviour.model.counts import Counts
from quote_service.platform.documents.renamed import Renamed

Grain = Literal["hour", "day"]


class BehaviourPoint(Counts, kw_only=True):
    """What shoppers did within an hour or day of `time_zone`."""

    at: datetime
    """When it began. Those in which nothing was done are left out."""


class ProductBehaviour(msgspec.Struct, frozen=True, kw_only=True):
    """What shoppers did with a product."""

    product_id: UUID
    """The product."""
    since: datetime = msgspec.field(name="from")
    """Beginning of the period, an hour's or a day's."""
    until: datetime = msgspec.field(name="to")
    """End of the period; what is from then on is not counted."""
    granularity: Annotated[Grain, Renamed("interval")]
    """Length of each point."""
    time_zone: str
    """IANA time zone that hours and days begin by, and dates are of."""
    is_exact: bool
    """Whether each point has what was done in it. False where an hour in UTC that an earlier release counted as a whole lies in two of
    them; it counts for that in which it begins."""
    totals: Counts
    """Of the whole period."""
    points: list[BehaviourPoint]
    """By time."""


class RankedProduct(Counts, kw_only=True):
    """A product with what shoppers did with it."""

    product_id: UUID
    """The product."""
