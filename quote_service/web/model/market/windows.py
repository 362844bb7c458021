"""What happened within windows of a few minutes, a row for each product and window.

Source: docs/spec/web.md#market; docs/spec/market-analysis.md#windows.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from quote_service.web.model.market.prices import instant

Document = Mapping[str, Any]
_RECENT: Final = timedelta(minutes=30)
_SUBJECTS: Final = ("prices", "competitors", "behaviour", "decisions")


def merged(windows: Iterable[Document], now: datetime) -> list[dict[str, Any]]:
    """What shoppers did, which has no currency, beside prices of the same product and window; in the order of the API.

    `is_open` says that more may come: the API's own, but for windows of long ago, after which nothing has happened.
    """
    rows: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for window in windows:
        held = rows.setdefault((window["from"], window["to"], window["product_id"]), [])
        # Each currency has a row of its own; behaviour goes to the first.
        beside = next((row for row in held if not any(row[part] and window[part] for part in _SUBJECTS)), None)
        if beside is None or (beside["currency"] and window["currency"]):
            held.append(dict(window))
        else:
            beside.update({part: window[part] for part in _SUBJECTS if window[part]})
            beside["currency"] = beside["currency"] or window["currency"]
    return [
        {**row, "is_open": _is_recent(row, now) and any(row[part] and row[part]["is_open"] for part in _SUBJECTS)}
        for held in rows.values()
        for row in held
    ]


def _is_recent(window: Document, now: datetime) -> bool:
    return now - instant(window["to"]) < _RECENT


def width_text(seconds: int) -> str:
    """How wide windows are, in words."""
    if seconds % 3600 == 0:
        return "an hour" if seconds == 3600 else f"{seconds // 3600} hours"
    if seconds % 60 == 0:
        return "a minute" if seconds == 60 else f"{seconds // 60} minutes"
    return f"{seconds} seconds"


def counted_until(stream: Document) -> str | None:
    """When the newest event that was counted happened; None while none was."""
    return max((each["newest_at"] for each in stream["subjects"] if each["newest_at"]), default=None)
