"""A year of quotes and orders, drawn one by one, and the rollups that folds would make of them.

Cardinalities are those of a marketplace of 10 000 000 quotes a year (27 400 a day) of two lines: 85 regions, 200 sellers, 60
categories, 5000 products, 25 rules, 20 flags with two variants and 4 tiers, each with few that are asked for most (Zipf), in two currencies;
a quarter of the quotes becomes an order.

Those cubes are there that the timed reports read, or all, with the rows that reports of a year read: months, and days of a year; of pairs days of the last 100 days and of the
first 31, of pairs with products (which are asked of 7 days) of the last 10; hours of everything together of a year, of one dimension
of 62 days (products: 20). Rows lie as they do where folds wrote them, and weeks that are over were moved so that days lie by key.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np

from quote_service.steering.analytics.model.cubes import CLUSTERED_CUBES, LINE_DIMENSIONS
from quote_service.steering.analytics.model.quote_figures import QUOTE_FIGURES
from quote_service.steering.analytics.model.sales.figures import COLUMNS as ORDER_FIGURES
from quote_service.steering.analytics.operations.cluster_days import SETTLED_AFTER

QUOTES, DAYS = 10_000_000, 365
REGIONS, SELLERS, CATEGORIES, PRODUCTS, RULES, FLAGS, TIERS = 85, 200, 60, 5000, 25, 20, 4
CURRENCIES = ("TRY", "EUR")
LINES = 2
DAYS_OF_PAIRS, FIRST_DAYS_OF_PAIRS, DAYS_OF_PRODUCTS, DAYS_OF_HOURS, DAYS_OF_PRODUCT_HOURS = 100, 31, 10, 62, 20
KEYS: dict[str, list[str]] = {
    "region": [f"TR/City {number}" for number in range(REGIONS)],
    "seller": [str(UUID(int=10**9 + number)) for number in range(SELLERS)],
    "category": [str(UUID(int=2 * 10**9 + number)) for number in range(CATEGORIES)],
    "product": [str(UUID(int=3 * 10**9 + number)) for number in range(PRODUCTS)],
    "rule": [f"Rule {number}" for number in range(RULES)],
    "flag": [f"flag-{number // 2}={('off', 'on')[number % 2]}" for number in range(2 * FLAGS)],
    "tier": ["", "silver", "gold", "platinum"],
}


#: Of which the timed reports are.
CUBES_OF_REPORTS = (
    "", "region", "tier", "rule", "flag", "category", "seller", "product",
    "region+rule", "category+seller", "region+category", "region+seller", "seller+rule", "region+product",
)  # fmt: skip


class Counted(NamedTuple):
    """Rows of one cube, grain and period as lines of COPY, of quotes and of orders."""

    quotes: list[str]
    orders: list[str]


class _Week(NamedTuple):
    """Rows of the days of a week, each behind what it lies by once the week is over."""

    quotes: list[tuple[tuple[str, ...], str]]
    orders: list[tuple[tuple[str, ...], str]]


class _Drawn(NamedTuple):
    """Quotes or lines of a day, side by side: values of their dimensions as numbers."""

    values: dict[str, Any]
    currency: Any
    hour: Any
    is_order: Any

    def repeated(self, values: dict[str, Any]) -> "_Drawn":
        """Each so often as there are flags, with these values too."""
        return _Drawn(
            {name: np.tile(each, FLAGS) for name, each in self.values.items()} | values,
            *(np.tile(each, FLAGS) for each in self[1:]),
        )


class History:
    """Draws days, and adds them up to months."""

    def __init__(self, last: date, cubes: Sequence[str] = CUBES_OF_REPORTS) -> None:
        self._cubes = cubes
        self._chance = np.random.default_rng(7)
        self._first = last - timedelta(days=DAYS - 1)
        self._last = last
        self._seller_of = self._chance.integers(0, SELLERS, PRODUCTS)
        self._category_of = self._chance.integers(0, CATEGORIES, PRODUCTS)
        self._price_of = self._chance.integers(2_000, 40_000, PRODUCTS)
        self._months: dict[tuple[str, str], list[Any]] = {}
        self._week = _Week([], [])
        self.quotes = self.rows = 0
        #: Days before it lie by key.
        self.clustered_until = self._first

    def days(self) -> Iterator[Counted]:
        """The rows of each day, and of each month after its last."""
        weights = np.array([1 + 0.3 * ((self._first + timedelta(days=day)).weekday() >= 5) for day in range(DAYS)])
        counts = np.floor(QUOTES * weights / weights.sum()).astype(int)
        counts[0] += QUOTES - counts.sum()
        for number in range(DAYS):
            day = self._first + timedelta(days=number)
            made = Counted([], [])
            self._draw(day, int(counts[number]), DAYS - number, made)
            if day == self._last or (day + timedelta(days=1)).day == 1:
                self._end_month(day.replace(day=1), made)
            self._end_day(day, made)
            self.quotes += int(counts[number])
            self.rows += len(made.quotes) + len(made.orders)
            yield made

    def _draw(self, day: date, count: int, days_left: int, made: Counted) -> None:
        chance = self._chance
        currency = (chance.random(count) < 0.08).astype(np.int64)
        drawn = {
            "region": self._zipf(REGIONS, count), "rule": self._zipf(RULES, count), "tier": chance.integers(0, TIERS, count),
        }  # fmt: skip
        hour = chance.choice(24, count, p=_HOURS)
        is_order = chance.random(count) < 0.25
        product = self._zipf(PRODUCTS, count * LINES)
        lines: dict[str, Any] = {name: np.repeat(values, LINES) for name, values in drawn.items()}
        lines |= {"product": product, "seller": self._seller_of[product], "category": self._category_of[product]}
        of_quotes = _Drawn(drawn, currency, hour, is_order)
        of_lines = _Drawn(lines, *(np.repeat(each, LINES) for each in (currency, hour, is_order)))
        # Each quote shows every flag.
        variant = np.repeat(np.arange(FLAGS), count) * 2 + (chance.random(FLAGS * count) < 0.5)
        flagged = of_quotes.repeated({"flag": variant})
        flagged_lines = of_lines.repeated({"flag": np.repeat(variant, LINES)})
        for cube in self._cubes:
            names = cube.split("+") if cube else []
            is_line = bool(LINE_DIMENSIONS & set(names))
            of_these, of_flags = (of_lines, flagged_lines) if is_line else (of_quotes, flagged)
            shown = of_flags if "flag" in names else of_these
            code: Any = shown.currency
            size = 2
            for name in names:
                code, size = code * len(KEYS[name]) + shown.values[name], size * len(KEYS[name])
            is_pair_of_products = "product" in names and len(names) > 1
            if is_pair_of_products and days_left > DAYS_OF_PRODUCTS:
                continue
            if not is_pair_of_products:
                self._keep(cube, "month", code, size, shown.is_order)
            if len(names) < 2 or days_left <= DAYS_OF_PAIRS or days_left > DAYS - FIRST_DAYS_OF_PAIRS:
                self._write(made, cube, "day", day, -1, *self._counted(code, size, shown.is_order))
            if len(names) < 2:
                self._draw_hours(made, cube, day, days_left, code, size, shown)

    def _draw_hours(
        self, made: Counted, cube: str, day: date, days_left: int, code: Any, size: int, shown: "_Drawn"
    ) -> None:
        if cube != "product":
            self._keep(cube, "month_hour", code * 24 + shown.hour, size * 24, shown.is_order)
        limits = {"": DAYS, "product": DAYS_OF_PRODUCT_HOURS}
        if days_left > limits.get(cube, DAYS_OF_HOURS):
            return
        for each in range(24):
            at = shown.hour == each
            self._write(made, cube, "hour", day, each, *self._counted(code[at], size, shown.is_order[at]))

    def _end_month(self, first: date, made: Counted) -> None:
        for (cube, grain), (counts, orders) in self._months.items():
            if grain == "month":
                self._write(made, cube, grain, first, -1, counts, orders)
                continue
            for hour in range(24):
                self._write(made, cube, grain, first, hour, counts[hour::24], orders[hour::24])
        self._months = {}

    def _end_day(self, day: date, made: Counted) -> None:
        """Rows of days are written with their week."""
        following = day + timedelta(days=1)
        is_settled = following + SETTLED_AFTER <= self._last + timedelta(days=1)
        if day != self._last and not (is_settled and following.day in (1, 8, 15, 22)):
            return
        for lines, week in zip(made, self._week, strict=True):
            lines.extend(line for _, line in (sorted(week) if is_settled else week))
        self._week = _Week([], [])
        if is_settled:
            self.clustered_until = following

    def _keep(self, cube: str, grain: str, code: Any, size: int, is_order: Any) -> None:
        counts, orders = self._counted(code, size, is_order)
        held = self._months.setdefault((cube, grain), [0, 0])
        held[0], held[1] = held[0] + counts, held[1] + orders

    def _counted(self, code: Any, size: int, is_order: Any) -> tuple[Any, Any]:
        return np.bincount(code, minlength=size), np.bincount(code[is_order], minlength=size)

    def _write(self, made: Counted, cube: str, grain: str, day: date, hour: int, counts: Any, orders: Any) -> None:
        at = datetime(day.year, day.month, day.day, hour if grain == "hour" else 0, tzinfo=UTC)
        start = f"{cube}\t{grain}\t{at.isoformat()}\t{hour if grain == 'month_hour' else -1}\t"
        names = cube.split("+") if cube else []
        is_line = bool(LINE_DIMENSIONS & set(names))
        wave = 1 + 0.1 * np.sin(day.toordinal() / 9)
        is_clustered = grain == "day" and cube in CLUSTERED_CUBES
        for lines, week, reported, figures in (
            (made.quotes, self._week.quotes, counts, _quote_figures),
            (made.orders, self._week.orders, orders, _order_figures),
        ):
            codes = np.nonzero(reported)[0]
            for code, count in zip(codes.tolist(), reported[codes].tolist(), strict=True):
                rest, keys = code, []
                for name in reversed(names):
                    rest, key = divmod(rest, len(KEYS[name]))
                    keys.append(KEYS[name][key])
                price = 15_000
                if cube == "product":
                    price = round(self._price_of[code % PRODUCTS] * wave / 100) * 100
                named = "\t".join((*reversed(keys), "", "")[:2])
                line = f"{start}{CURRENCIES[rest]}\t{named}\t{figures(count, price, is_line)}\n"
                if is_clustered:
                    week.append(((cube, *keys, CURRENCIES[rest], at.isoformat()), line))
                else:
                    lines.append(line)

    def _zipf(self, size: int, count: int) -> Any:
        weights = 1 / np.arange(1, size + 1) ** 0.8
        return np.searchsorted(np.cumsum(weights / weights.sum()), self._chance.random(count)).clip(0, size - 1)


_DAYTIME = np.array([1 + 4 * (7 <= hour < 23) for hour in range(24)], dtype=float)
_HOURS = _DAYTIME / _DAYTIME.sum()


@lru_cache(maxsize=200_000)
def _quote_figures(count: int, price: int, is_line: bool) -> str:
    gross = count * price
    figures = {
        "lines": count * (1 if is_line else LINES), "units": count * 2, "lines_catalog": count, "gross_minor": gross,
        "seller_discount_minor": gross // 50, "platform_discount_minor": gross // 100, "inclusive_tax_minor": gross // 6,
        "total_minor": gross - gross // 50 - gross // 100, "commission_minor": gross // 10,
    }  # fmt: skip
    if not is_line:
        answers = count + count // 2
        figures |= {"quotes": answers, "priced": count, "local": answers - count, "express": count // 8,
                    "latency_us": answers * 600, "latency_100us": answers - count, "latency_1ms": count}  # fmt: skip
    return "\t".join(str(figures.get(name, 0)) for name in QUOTE_FIGURES)


@lru_cache(maxsize=200_000)
def _order_figures(count: int, price: int, is_line: bool) -> str:
    gross = count * price
    commission = gross // 20
    figures = {
        "accepted": count, "accepted_total_minor": gross, "orders": count, "lines": count * (1 if is_line else LINES),
        "units": count * 2, "gross_minor": gross, "seller_discount_minor": gross // 50, "platform_discount_minor": gross // 100,
        "total_minor": gross - gross // 50 - gross // 100, "seller_commission_minor": commission,
        "category_commission_minor": commission, "commission_base_minor": gross, "charges": count * 2, "clamped": count // 9,
        "clamped_commission_minor": commission // 9, "refunds": count // 30, "reversed_units": count // 30,
        "reversed_gross_minor": gross // 30, "reversed_total_minor": gross // 30,
        "reversed_seller_commission_minor": commission // 30,
    }  # fmt: skip
    return "\t".join(str(figures.get(name, 0)) for name in ORDER_FIGURES)
