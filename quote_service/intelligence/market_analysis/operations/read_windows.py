"""Windows of the market, and how their counting fares, for the API.

Source: docs/spec/market-analysis.md#windows.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from quote_service.intelligence.market_analysis.model.windows.answers import (
    MarketStream,
    MarketWindow,
    SparkStream,
    SubjectProgress,
    WindowBehaviour,
    WindowCompetitors,
    WindowDecisions,
    WindowPrices,
)
from quote_service.intelligence.market_analysis.model.windows.subjects import SUBJECTS, WindowEngine, WindowSubject
from quote_service.intelligence.market_analysis.model.windows.terms import WindowTerms, window_terms
from quote_service.intelligence.market_analysis.tables import streams, window_marks, windows
from quote_service.intelligence.market_analysis.tables.windows import WindowFilter, WindowKey
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.settings import Settings
from quote_service.platform.system.instants import from_micros, to_micros
from quote_service.shop.catalog.model.prices import price_number

__all__ = ["WindowFilter", "WindowKey"]


def engine_of_windows(settings: Settings) -> WindowEngine:
    """What counts under these settings."""
    return "spark" if settings.analytics_engine == "spark" else "postgresql"


async def page_of_windows(
    connection: Connection, settings: Settings, wanted: WindowFilter, after: WindowKey | None, limit: int
) -> list[MarketWindow]:
    """Up to `limit` windows, the newest first."""
    rows = await windows.page_of_windows(connection, wanted, after, limit)
    marks = await window_marks.read_marks(connection, wanted.engine)
    newest = {subject: mark.newest_at for subject, mark in marks.items()}
    return [_window_of(row, newest, settings.market_lateness_seconds) for row in rows]


async def read_market_stream(connection: Connection, settings: Settings) -> MarketStream:
    """How the counting of windows fares."""
    engine = engine_of_windows(settings)
    marks = await window_marks.read_marks(connection, engine)
    kept = await streams.read_stream(connection) if engine == "spark" else None
    terms = window_terms(settings.market_window_seconds or 1, settings.market_lateness_seconds)
    return MarketStream(
        engine=engine,
        window_seconds=settings.market_window_seconds,
        lateness_seconds=terms.lateness_seconds,
        subjects=[_progress_of(subject, marks.get(subject), terms) for subject in SUBJECTS],
        spark=None if kept is None else SparkStream(**kept._asdict()),
    )


def _progress_of(subject: WindowSubject, mark: window_marks.WindowMark | None, terms: WindowTerms) -> SubjectProgress:
    newest = None if mark is None else mark.newest_at
    return SubjectProgress(
        subject=subject,
        newest_at=newest,
        watermark=None if newest is None else from_micros(terms.watermark_us(to_micros(newest))),
        counted=0 if mark is None else mark.counted,
        late=0 if mark is None else mark.late,
        ahead=0 if mark is None else mark.ahead,
        unreadable=0 if mark is None else mark.unreadable,
        updated_at=None if mark is None else mark.updated_at,
    )


def _window_of(
    row: dict[str, Any], newest: dict[WindowSubject, datetime | None], lateness_seconds: int
) -> MarketWindow:
    starts_us, currency = to_micros(row["starts_at"]), row["currency"]
    # By the width that it was counted with, which settings may have changed since.
    terms = window_terms(row["width_seconds"], lateness_seconds)
    reported: dict[WindowSubject, dict[str, Any]] = msgspec.json.decode(row["subjects"])

    def is_open(subject: WindowSubject) -> bool:
        at = newest.get(subject)
        return not terms.is_closed(starts_us, None if at is None else to_micros(at))

    def price(text: str | None) -> ExactNumber | None:
        return None if text is None else price_number(Decimal(text), currency)

    prices = competitors = behaviour = decisions = None
    if (of := reported.get("prices")) is not None:
        prices = WindowPrices(
            moves=of["counted"],
            removed=of["removed"],
            first=price(_price_of_mark(of["first_mark"])),
            last=price(_price_of_mark(of["last_mark"])),
            low=price(of["low"]),
            high=price(of["high"]),
            is_open=is_open("prices"),
        )
    if (of := reported.get("competitors")) is not None:
        competitors = WindowCompetitors(
            observations=of["counted"],
            listings=of["listings"],
            low=price(of["low"]),
            high=price(of["high"]),
            doubted=of["doubted"],
            is_open=is_open("competitors"),
        )
    if (of := reported.get("behaviour")) is not None:
        counts = {name: of[name] for name in WindowBehaviour.__struct_fields__ if name != "is_open"}
        behaviour = WindowBehaviour(**counts, is_open=is_open("behaviour"))
    if (of := reported.get("decisions")) is not None:
        decisions = WindowDecisions(decisions=of["counted"], applied=of["applied"], is_open=is_open("decisions"))
    return MarketWindow(
        since=row["starts_at"],
        until=from_micros(starts_us + terms.width_us),
        product_id=row["product_id"],
        currency=currency or None,
        prices=prices,
        competitors=competitors,
        behaviour=behaviour,
        decisions=decisions,
    )


def _price_of_mark(mark: str | None) -> str | None:
    return None if mark is None else mark.rpartition(" ")[2]


async def is_streaming(connection: Connection) -> bool:
    """Whether a process runs Spark's stream."""
    kept = await streams.read_stream(connection)
    return kept is not None and kept.is_running
