"""Runs of the analysis: of what, by what, and how they ended.

Source: docs/spec/market-analysis.md#runs.
"""

from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

import msgspec

Scope = Literal["changed", "all", "whole"]
Status = Literal["running", "done", "failed", "lost"]
EngineName = Literal["duckdb", "spark"]

#: Days that are worked out again when something of a product has changed: what comes late is part of them.
RECENT_DAYS: Final = 35
#: Days that figures are kept for, and worked out of a product that has none yet.
HISTORY_DAYS: Final = 400
#: How far a figure looks back beyond the first day that is told: 90 days of volatility end with the last one, and 30 days
#: before the first one have its lowest price.
LOOK_BACK_DAYS: Final = 31
VOLATILITY_DAYS_MAX: Final = 90


def input_days(shown_days: int) -> int:
    """How many days of inputs so many days of figures need."""
    return max(shown_days + LOOK_BACK_DAYS, VOLATILITY_DAYS_MAX + 1)


class MarketRun(msgspec.Struct, frozen=True, kw_only=True):
    """A run of the market analysis."""

    id: UUID
    """Identifies the run."""
    scope: Scope
    """`changed`: products of which something is new. `all`: every product, once a day. `whole`: every product with its whole history."""
    engine: EngineName
    """What worked it out."""
    status: Status
    """`running`, `done`, `failed`, or `lost`: its process ended, and the next run does its work."""
    started_at: datetime
    """When it began: what was written before that is part of it."""
    finished_at: datetime | None
    """When it ended; null while it runs."""
    day: date
    """The last day that its figures are of."""
    products: int
    """Products that it worked out."""
    written: int
    """Rows that it wrote."""
    detail: str
    """Why it failed; empty otherwise."""
