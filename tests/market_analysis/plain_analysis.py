"""The analysis once more, in plain Python and one thing after the other: what both engines are held to.

Source: docs/spec/market-analysis.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal, localcontext
from typing import Any, NamedTuple

from tests.market_analysis.random_market import Market

Rows = list[tuple[Any, ...]]


class Held(NamedTuple):
    start_us: int
    end_us: int
    price: Decimal
    was: Decimal | None


class Close(NamedTuple):
    listing: str
    competitor: str
    platform: str
    price: Decimal


def plain_analysis(market: Market, first_shown: int) -> dict[str, Rows]:
    """Every row of the three results, in order."""
    with localcontext(prec=100):
        return _plain(market, first_shown)


def _plain(market: Market, first_shown: int) -> dict[str, Rows]:
    last = market.calendar.last
    own, closes, sold = _own(market), _closes(market), _sold(market)
    days: Rows = []
    keys = sorted({*own, *closes, *sold})
    medians: dict[tuple[str, str, int], Decimal] = {}
    for product, currency, day in keys:
        of_day = own.get((product, currency, day))
        prices = sorted(close.price for close in closes.get((product, currency, day), []))
        if prices:
            medians[product, currency, day] = _nearest(prices, 2)
        if day < first_shown:
            continue

        def own_at(back: int, product: str = product, currency: str = currency, day: int = day) -> Any:
            return own.get((product, currency, day - back))

        def units(span: int, product: str = product, currency: str = currency, day: int = day) -> int:
            return sum(sold.get((product, currency, day - back), (0,))[0] for back in range(span))

        lows = [found["low"] for back in range(30) if (found := own_at(back)) is not None]
        closed = None if of_day is None else of_day["close"]
        compared = prices if closed is not None else []
        days.append(
            (
                *(product, currency, day),
                *((None,) * 4 if of_day is None else tuple(of_day[name] for name in ("open", "close", "low", "high"))),
                0 if of_day is None else of_day["moves"],
                min(lows) if of_day is not None else None,
                *(
                    (None, None)
                    if of_day is None
                    else tuple(None if (was := own_at(back)) is None else was["close"] for back in (7, 30))
                ),
                *sold.get((product, currency, day), (0, 0, 0, 0)),
                *(units(7), units(28), len(prices)),
                *(
                    (None,) * 6
                    if not prices
                    else (prices[0], *(_nearest(prices, quarter) for quarter in (1, 2, 3)), prices[-1], sum(prices))
                ),
                *_against(compared, closed),
            )
        )
    return {
        "days": days,
        "distribution": sorted(_distribution(closes, own, last)),
        "volatility": sorted(_volatility(closes, own, medians, last)),
    }


def _nearest(prices: list[Decimal], quarters: int) -> Decimal:
    """The smallest price that so many quarters of all are at most as large as."""
    return prices[-(-len(prices) * quarters // 4) - 1]


def _against(prices: Iterable[Decimal], ours: Decimal | None) -> tuple[int, int, int]:
    reported = list(prices)
    if ours is None:
        return (0, 0, 0)
    return (sum(p < ours for p in reported), sum(p == ours for p in reported), sum(p > ours for p in reported))


def _own(market: Market) -> dict[tuple[str, str, int], dict[str, Any]]:
    moves = defaultdict(list)
    for move in sorted(market.prices, key=lambda move: move.at_us):
        moves[move.product_id, move.currency].append(move)
    found: dict[tuple[str, str, int], dict[str, Any]] = {}
    for (product, currency), reported in moves.items():
        held = [
            Held(
                move.at_us,
                reported[place + 1].at_us if place + 1 < len(reported) else 1 << 62,
                move.price,
                reported[place - 1].price if place else None,
            )
            for place, move in enumerate(reported)
            if move.price is not None
        ]
        for day in market.calendar.days:
            there = [one for one in held if one.start_us < day.day_end_us and one.end_us > day.day_begin_us]
            if not there:
                continue
            first, newest = there[0], there[-1]
            found[product, currency, day.day] = {
                "open": first.price if first.start_us <= day.day_begin_us else None,
                "close": newest.price if newest.end_us >= day.day_end_us else None,
                "low": min(one.price for one in there),
                "high": max(one.price for one in there),
                "moves": sum(one.start_us >= day.day_begin_us and one.was is not None for one in there),
            }
    return found


def _closes(market: Market) -> dict[tuple[str, str, int], list[Close]]:
    seen = defaultdict(list)
    for offer in sorted(market.offers, key=lambda offer: offer.at_us):
        seen[offer.listing_id].append(offer)
    found = defaultdict(list)
    for reported in seen.values():
        for place, offer in enumerate(reported):
            following = reported[place + 1].at_us if place + 1 < len(reported) else 1 << 62
            ends = min(following, offer.holds_until_us)
            if offer.price is None or ends <= offer.at_us:
                continue
            for day in market.calendar.days:
                if offer.at_us < day.day_end_us <= ends:
                    found[offer.product_id, offer.currency, day.day].append(
                        Close(offer.listing_id, offer.competitor, offer.platform, offer.price)
                    )
    return dict(found)


def _sold(market: Market) -> dict[tuple[str, str, int], tuple[int, int, int, int]]:
    found: dict[tuple[str, str, int], tuple[int, int, int, int]] = {}
    for sale in market.sales:
        for day in market.calendar.days:
            if day.day_begin_us <= sale.at_us < day.day_end_us:
                key = (sale.product_id, sale.currency, day.day)
                was = found.get(key, (0, 0, 0, 0))
                reported = (sale.units, sale.orders, sale.revenue_minor, sale.units_returned)
                found[key] = (was[0] + reported[0], was[1] + reported[1], was[2] + reported[2], was[3] + reported[3])
    return found


def _distribution(closes: Any, own: Any, last: int) -> Iterable[tuple[Any, ...]]:
    groups: dict[tuple[str, str, str, str], list[tuple[Close, int, Decimal | None]]] = defaultdict(list)
    for (product, currency, day), listed in closes.items():
        if day <= last - 30:
            continue
        ours = own.get((product, currency, day), {}).get("close")
        for close in listed:
            groups[product, currency, "competitor", close.competitor].append((close, day, ours))
            groups[product, currency, "platform", close.platform].append((close, day, ours))
    for key, rows in groups.items():
        prices = sorted(close.price for close, _, _ in rows)
        compared = [(close.price, ours) for close, _, ours in rows if ours is not None]
        newest = [close.price for close, day, _ in rows if day == last]
        yield (
            *key,
            len({close.listing for close, _, _ in rows}),
            len({day for _, day, _ in rows}),
            len(rows),
            prices[0],
            *(_nearest(prices, quarter) for quarter in (1, 2, 3)),
            prices[-1],
            sum(prices),
            min(newest) if newest else None,
            sum(price < ours for price, ours in compared),
            sum(price == ours for price, ours in compared),
            sum(price > ours for price, ours in compared),
            sum((price for price, _ in compared), Decimal(0)),
            sum((ours for _, ours in compared), Decimal(0)),
        )


def _volatility(closes: Any, own: Any, medians: Any, last: int) -> Iterable[tuple[Any, ...]]:
    series: dict[tuple[str, str, str, str], dict[int, Decimal]] = defaultdict(dict)
    for (product, currency, day), of_day in own.items():
        if of_day["close"] is not None:
            series[product, currency, "own", ""][day] = of_day["close"]
    for (product, currency, day), median in medians.items():
        series[product, currency, "market", ""][day] = median
    for (product, currency, day), listed in closes.items():
        for close in listed:
            lowest = series[product, currency, "competitor", close.competitor]
            lowest[day] = min(lowest.get(day, close.price), close.price)
    for key, by_day in series.items():
        ordered = sorted(by_day.items())
        for window in (30, 90):
            reported = [(day, price) for day, price in ordered if day > last - window]
            within = [
                (day, price, reported[place - 1][1] if place else None) for place, (day, price) in enumerate(reported)
            ]
            if within:
                prices = [price for _, price, _ in within]
                yield (
                    *key,
                    window,
                    len(prices),
                    min(prices),
                    max(prices),
                    sum(prices),
                    sum(price * price for price in prices),
                    sum(was is not None and price > was for _, price, was in within),
                    sum(was is not None and price < was for _, price, was in within),
                )
