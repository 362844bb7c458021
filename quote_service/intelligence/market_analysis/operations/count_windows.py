"""Count events of the bus by windows, in the transaction that notes that they were handled.

Source: docs/spec/market-analysis.md#windows; docs/spec/market-analysis.md#watermark.
"""

from collections.abc import Sequence
from functools import partial

from quote_service.intelligence.market_analysis.model.windows.moments import moment_of
from quote_service.intelligence.market_analysis.model.windows.subjects import (
    GROUP_OF,
    SUBJECTS,
    TOPIC_OF,
    WindowSubject,
)
from quote_service.intelligence.market_analysis.model.windows.terms import AHEAD_US, WindowTerms, window_terms
from quote_service.intelligence.market_analysis.tables.window_marks import BatchFigures, hold_mark, move_mark
from quote_service.intelligence.market_analysis.tables.windows import add_to_windows, count_batch
from quote_service.platform.event_bus.model.events import Event
from quote_service.platform.event_bus.operations.handle_batch import Group
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.settings import Settings
from quote_service.platform.system.clock import now_us


async def count_windows(
    connection: Connection, events: Sequence[Event], *, subject: WindowSubject, terms: WindowTerms
) -> None:
    """Add events that were not counted before to their windows.

    What is late is decided for the whole batch, by the events before it; so is what is ahead of the clock, which is in no
    window and moves no watermark.

    Raises:
        msgspec.DecodeError: The data of one is not that of its type.
    """
    moments = [moment for event in events if (moment := moment_of(event)) is not None]
    latest_us = now_us() + AHEAD_US
    here = [moment for moment in moments if moment.at_us <= latest_us]
    windows = await count_batch(connection, terms, here)
    newest_us = await hold_mark(connection, subject)
    open_windows = [one for one in windows if not terms.is_closed(one.starts_us, newest_us)]
    await add_to_windows(connection, subject, terms, open_windows)
    counted = sum(one.events for one in open_windows)
    figures = BatchFigures(counted, late=len(here) - counted, ahead=len(moments) - len(here))
    await move_mark(connection, subject, max((one.at_us for one in here), default=None), figures)


def window_groups(settings: Settings) -> list[Group]:
    """The groups that count in a worker; none where Spark does, or nobody shall."""
    if not settings.market_window_seconds or settings.analytics_engine == "spark":
        return []
    terms = terms_of_windows(settings)
    return [
        Group(
            GROUP_OF[subject],
            TOPIC_OF[subject],
            partial(count_windows, subject=subject, terms=terms),
            settings.event_attempts,
            settings.event_keep_days,
        )
        for subject in SUBJECTS
    ]


def terms_of_windows(settings: Settings) -> WindowTerms:
    """Width and lateness as they are set; `market_window_seconds` is not 0."""
    return window_terms(settings.market_window_seconds, settings.market_lateness_seconds)
