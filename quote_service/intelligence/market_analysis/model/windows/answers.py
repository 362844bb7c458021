"""Windows as they are told.

Source: docs/spec/market-analysis.md#windows.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from quote_service.intelligence.market_analysis.model.windows.subjects import WindowEngine, WindowSubject
from quote_service.platform.money.numbers import ExactNumber

_IsOpen = Annotated[bool, msgspec.Meta(description="Whether more may still be counted.")]


class WindowPrices(msgspec.Struct, frozen=True, kw_only=True):
    """How our price moved within a window."""

    moves: int
    """How often it moved."""
    removed: int
    """How often it was taken away."""
    first: ExactNumber | None
    """The price after the first move to one."""
    last: ExactNumber | None
    """The price after the last move to one."""
    low: ExactNumber | None
    """The lowest that it moved to."""
    high: ExactNumber | None
    """The highest that it moved to."""
    is_open: _IsOpen


class WindowCompetitors(msgspec.Struct, frozen=True, kw_only=True):
    """What was observed of competitors within a window."""

    observations: int
    """Observations of matched listings."""
    listings: int
    """Different listings among them."""
    low: ExactNumber | None
    """The lowest price of one unit of ours; null where none can be bought new."""
    high: ExactNumber | None
    """The highest."""
    doubted: int
    """Observations of the window that have come to be doubted; they are among those above."""
    is_open: _IsOpen


class WindowBehaviour(msgspec.Struct, frozen=True, kw_only=True):
    """What shoppers did within a window."""

    views: int
    """Times the product's page was seen."""
    searches: int
    """Times it was among the results of a search."""
    carts: int
    """Times it was put into a cart."""
    cart_units: int
    """Units of these."""
    purchases: int
    """Times it was bought, as reported."""
    purchase_units: int
    """Units of these."""
    is_open: _IsOpen


class WindowDecisions(msgspec.Struct, frozen=True, kw_only=True):
    """What became of price decisions within a window."""

    decisions: int
    """Events of decisions: held, suggested, applied, rejected or rolled back."""
    applied: int
    """Those that were applied."""
    is_open: _IsOpen


class MarketWindow(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to a product within a few minutes."""

    since: datetime = msgspec.field(name="from")
    """Beginning of the window."""
    until: datetime = msgspec.field(name="to")
    """End of the window, which is not part of it."""
    product_id: UUID
    """The product."""
    currency: str | None
    """ISO 4217 code; null for what shoppers did."""
    prices: WindowPrices | None
    """Moves of our price; null where there were none."""
    competitors: WindowCompetitors | None
    """Observations of competitors; null where there were none."""
    behaviour: WindowBehaviour | None
    """What shoppers did; null with a currency."""
    decisions: WindowDecisions | None
    """Price decisions; null where there were none."""


class SubjectProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far the counting of one subject is."""

    subject: WindowSubject
    """`prices`, `competitors`, `behaviour` or `decisions`."""
    newest_at: datetime | None
    """When the newest event happened; null while none was seen."""
    watermark: datetime | None
    """Windows that end at this instant, or before, are closed; null while none was seen."""
    counted: int
    """Events that were counted."""
    late: int
    """Events whose window was closed: they are in no window."""
    ahead: int
    """Events more than five minutes ahead of the clock: they are in no window."""
    unreadable: int
    """Messages that Spark could not read; where PostgreSQL counts, dead letters of the event bus."""
    updated_at: datetime | None
    """When the last batch was counted."""


class SparkStream(msgspec.Struct, frozen=True, kw_only=True):
    """The process that runs Apache Spark."""

    is_running: bool
    """Whether it runs now."""
    source: Literal["python", "kafka"]
    """How it reads Kafka: `python`, by this service's reader; `kafka`, by Spark's own connector."""
    started_at: datetime
    """When the last one began."""
    ended_at: datetime | None
    """When it ended; null while it runs, or where it was killed."""
    detail: str
    """Why it failed; empty otherwise."""


class MarketStream(msgspec.Struct, frozen=True, kw_only=True):
    """How the counting of windows fares."""

    engine: WindowEngine
    """What counts: `postgresql`, in a background process; or `spark`."""
    window_seconds: int
    """Width of windows; 0 where none are counted."""
    lateness_seconds: int
    """How far behind the newest event one may be and still count."""
    subjects: list[SubjectProgress]
    """Each by itself: what is late of one says nothing of another."""
    spark: SparkStream | None
    """The process that runs Spark; null where PostgreSQL counts, or none ever ran."""
