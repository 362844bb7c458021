"""Whether an analysis is due, and of what.

Source: docs/spec/market-analysis.md#runs.
"""

from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from quote_service.intelligence.market_analysis.model.runs import Scope

#: Runs whose process ended are begun again at once; after so many of them it may be the work itself that ends processes.
LOST_MAX: Final = 3


class LastRuns(NamedTuple):
    """What was done last; None where there was nothing.

    Attributes:
        started_at: When the last run that was done began.
        all_day: The day of the last one that was of all products.
        tried_at: When a run was last begun that was not lost.
        lost_at: When a run was last begun that was lost, and
        lost: how many were, since the one before them.
        is_running: Whether one runs.
    """

    started_at: datetime | None
    all_day: date | None
    tried_at: datetime | None
    lost_at: datetime | None
    lost: int
    is_running: bool


def due_scope(last: LastRuns, now: datetime, today: date, interval: timedelta) -> Scope | None:
    """What is to be worked out now; None while nothing is.

    Args:
        last: What was done last.
        now: The present.
        today: The day of it.
        interval: From one run to the next.
    """
    if last.is_running:
        return None
    waited = last.tried_at
    if last.lost > LOST_MAX:
        waited = last.lost_at
    elif last.lost:
        waited = None
    if waited is not None and now < waited + interval:
        return None
    return "changed" if last.all_day is not None and last.all_day >= today else "all"
