"""Windows once more, in plain Python and one event after the other: what every engine is held to.

Source: docs/spec/market-analysis.md#windows; docs/spec/market-analysis.md#watermark.
"""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any, NamedTuple

from quote_service.platform.event_bus.model.events import Event
from tests.market_analysis.windows.random_events import Batches

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICRO = timedelta(microseconds=1)
COUNTS = (
    *("counted", "removed", "doubted", "applied", "views", "searches", "carts", "cart_units", "purchases"),
    "purchase_units",
)
Windows = dict[tuple[str, str, int], dict[str, Any]]


class Plain(NamedTuple):
    """The windows by product, currency and beginning in microseconds, and what became of the events."""

    windows: Windows
    counted: int
    late: int
    ahead: int


class Seen(NamedTuple):
    product: str
    currency: str
    at_us: int
    price: Decimal | None
    listing: str | None
    counts: dict[str, int]


def plain_windows(batches: Batches, width_seconds: int, lateness_seconds: int, now: datetime) -> Plain:
    """What is left after all batches."""
    width_us, lateness_us = width_seconds * 10**6, lateness_seconds * 10**6
    latest_us = (now - EPOCH) // MICRO + 300 * 10**6
    kept: dict[tuple[str, str, int], list[tuple[Event, Seen]]] = defaultdict(list)
    known: set[Any] = set()
    newest_us: int | None = None
    counted = late = ahead = 0
    for batch in batches:
        seen_now = newest_us
        for event in batch:
            seen = _seen(event)
            if seen is None or event.id in known:
                continue
            known.add(event.id)
            if seen.at_us > latest_us:
                ahead += 1
                continue
            newest_us = seen.at_us if newest_us is None else max(newest_us, seen.at_us)
            starts_us = seen.at_us // width_us * width_us
            if seen_now is not None and starts_us + width_us <= seen_now - lateness_us:
                late += 1
                continue
            counted += 1
            kept[seen.product, seen.currency, starts_us].append((event, seen))
    return Plain({key: _window(reported) for key, reported in kept.items()}, counted, late, ahead)


def _window(reported: list[tuple[Event, Seen]]) -> dict[str, Any]:
    in_order = sorted(reported, key=lambda one: (one[1].at_us, str(one[0].id)))
    prices = [seen.price for _, seen in in_order if seen.price is not None]
    is_ours = in_order[0][0].type == "price.changed"
    return {
        "events": len(reported),
        "newest_us": in_order[-1][1].at_us,
        "first": prices[0] if prices and is_ours else None,
        "last": prices[-1] if prices and is_ours else None,
        "low": min(prices, default=None),
        "high": max(prices, default=None),
        "listings": sorted({seen.listing for _, seen in reported if seen.listing is not None}),
        **{name: sum(seen.counts.get(name, 0) for _, seen in reported) for name in COUNTS},
    }


def _seen(event: Event) -> Seen | None:
    data = json.loads(bytes(event.data))
    product, currency, price, listing = data.get("product_id"), data.get("currency"), None, None
    told_at, counts = event.at.isoformat(), {"counted": 1}
    if event.type == "price.changed":
        if data["variant_id"] is not None:
            return None
        told_at, price = data["at"], _price(data["new_price"], "1")
        counts["removed"] = int(data["new_price"] is None)
    elif event.type == "competitor.observed":
        told_at, listing = data["observed_at"], data["listing_id"]
        if data["availability"] == "in_stock" and data["condition"] == "new":
            price = _price(data["price"], data["units"])
    elif event.type == "competitor.doubted":
        if data["was_doubted"] or data["doubted_reason"] is None or currency is None:
            return None
        told_at, counts = data["observed_at"], {"counted": 0, "doubted": 1}
    elif event.type == "behaviour.counted":
        told_at, currency = data["minute"], ""
        counts.update({name: data[name] for name in COUNTS if name in data})
    elif event.type in (f"decision.{state}" for state in ("applied", "held", "suggested", "rejected", "rolled_back")):
        counts["applied"] = int(event.type == "decision.applied")
    else:
        return None
    if product is None:
        return None
    at_us = (datetime.fromisoformat(told_at) - EPOCH) // MICRO
    return Seen(product, currency, at_us, price, listing, counts)


def _price(text: str | None, units: str) -> Decimal | None:
    if text is None:
        return None
    with localcontext(prec=100):
        of_one = (Decimal(text) / Decimal(units)).quantize(Decimal("0.000001"), ROUND_HALF_UP)
    return of_one if Decimal(text) < 10**12 and of_one < 10**12 else None
