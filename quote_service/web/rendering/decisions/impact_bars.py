"""Impacts with their intervals on one scale around zero.

Source: docs/spec/web.md#price-performance.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from quote_service.web.rendering.intervals_chart import Interval, intervals


def impact_bars(rows: Sequence[Mapping[str, Any]], name: str) -> list[Interval | None]:
    """An interval for each row by its members `name`, `name_low` and `name_high`; None where one of them is not known."""
    found = [
        None
        if row[f"{name}_low"] is None or row[f"{name}_high"] is None or row[name] is None
        else {"estimate": row[name], "low": row[f"{name}_low"], "high": row[f"{name}_high"]}
        for row in rows
    ]
    return intervals(found)
