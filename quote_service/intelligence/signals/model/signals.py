"""Signals as they are shown, and how one is acknowledged.

Source: docs/spec/signals.md#signals.
"""

from datetime import datetime
from typing import Annotated, Literal, get_args
from uuid import UUID

import msgspec

from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.system.errors import Conflict

SignalKind = Literal[
    "competitor_price_drop",
    "competitor_price_rise",
    "price_change",
    "demand_surge",
    "low_inventory",
    "price_anomaly",
    "source_stale",
    "price_war",
]
SIGNAL_KINDS: tuple[SignalKind, ...] = get_args(SignalKind)
Status = Literal["open", "acknowledged", "resolved", "expired"]
Verdict = Literal["genuine", "wrong"]
Role = Literal["before", "now", "compared", "undercut", "expected"]
Subject = Literal["observation", "price_move", "stock", "source", "sales"]
Note = Annotated[str, msgspec.Meta(max_length=1000)]


class SignalAcknowledged(Conflict):
    """Somebody else has, or said something else of it."""

    code = "signal-acknowledged"
    title = "Signal already acknowledged"
    acknowledged_by: str
    acknowledged_at: datetime


class SignalRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A signal as it is kept."""

    id: UUID
    """Identifies the signal."""
    kind: SignalKind
    """What has happened."""
    status: Status
    """`open` until somebody acknowledges it (`acknowledged`), what it tells of is over (`resolved`), or nobody did in time
    (`expired`)."""
    product_id: UUID | None
    """Our product; null where it is about no single one."""
    variant_id: UUID | None
    """The variant of our product; null for the product itself."""
    competitor_id: UUID | None
    """The competitor; null where it is about none."""
    listing_id: UUID | None
    """The listing of the competitor; null where it is about none."""
    source_id: UUID | None
    """The source of competitors' prices; null where it is about none."""
    currency: str | None
    """ISO 4217 code of the prices."""
    previous_price: ExactNumber | None
    """The price before, of one unit of ours; null where it is about no price."""
    price: ExactNumber | None
    """The price that was seen, of one unit of ours; null where it is about no price."""
    measured: ExactNumber | None
    """What was measured, in the unit of the threshold: percent with its sign, units in stock, times the usual, or undercuts."""
    threshold: ExactNumber | None
    """The threshold that it has passed; null where the kind has none."""
    occurrences: int
    """How often it has happened while the signal was open."""
    raised_at: datetime
    """When what it tells of happened first."""
    last_at: datetime
    """When it happened last."""
    expires_at: datetime
    """When it stops counting, unless it happens again."""
    resolved_at: datetime | None
    """When what it tells of was over; null while it is not known to be."""
    acknowledged_at: datetime | None
    """When it was acknowledged; null while it is not."""
    acknowledged_by: str | None
    """Id of the person or API key that acknowledged it."""
    note: str
    """What was noted then."""
    verdict: Verdict | None
    """What was said of an anomaly: that the price is `genuine` or `wrong`; null where nothing was said."""
    version: int
    """Version of the signal, from 1; it goes up with every change, and `ETag` follows it."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a signal goes by."""

    role: Role
    """What it was in it: the state `before`, what is `now`, what it was `compared` with, an `undercut`, or what was `expected`."""
    subject: Subject
    """What it is."""
    id: str | None = None
    """Its id: of the observation, the price move, the stock's item or the source; null where it has none."""
    listing_id: UUID | None = None
    """The listing of an observation."""
    competitor_id: UUID | None = None
    """The competitor of an observation; null where it is ours."""
    at: datetime | None = None
    """When it was so."""
    value: ExactNumber | None = None
    """A price of one unit of ours, units in stock or units sold."""
    detail: str | None = None
    """More about it, such as why a price is odd."""


class SignalDetail(SignalRecord, frozen=True, kw_only=True):
    """A signal with what it goes by."""

    evidence: list[Evidence]
    """What it goes by: observations, price moves, stock, sales or the source."""


class Acknowledgement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """That somebody has seen a signal."""

    note: Note = ""
    """What is to be done about it, or why nothing is."""
    verdict: Verdict | None = None
    """For a `price_anomaly`: `genuine` lets the price be used, and prices that stay the same after it; `wrong` leaves it
    out."""


class SignalFilters(msgspec.Struct, frozen=True, rename={"since": "from", "until": "to"}):
    """Which signals to list."""

    status: Status | None = None
    """Only signals with this status."""
    kind: SignalKind | None = None
    """Only signals of this kind."""
    product_id: UUID | None = None
    """Only signals about this product."""
    competitor_id: UUID | None = None
    """Only signals about this competitor."""
    since: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    """Only signals raised from this instant on."""
    until: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    """Only signals raised before this instant."""
