"""Observations of a listing as the points of a chart.

Source: docs/spec/web.md#market.
"""

from collections.abc import Iterable
from typing import Any

from quote_service.web.model.market.prices import Document, instant, per_unit, sold
from quote_service.web.rendering.market.prices_chart import PricePoint


def observed_points(observations: Iterable[Document], units: Any, currency: str) -> tuple[PricePoint, ...]:
    """What one of ours costs by these observations, from the oldest on; nothing where it could not be bought."""
    points = [
        PricePoint(
            instant(row["observed_at"]),
            per_unit(row["price"], units) if sold(row) else None,
            row["doubted_reason"] or "",
        )
        for row in observations
        if row["currency"] == currency
    ]
    return tuple(sorted(points, key=lambda point: point.at))
