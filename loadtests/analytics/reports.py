"""The reports that are timed: how each is asked for, each time of another period, seller or product."""

import random
from collections.abc import Callable
from datetime import date, timedelta

from loadtests.analytics.history import KEYS

#: What is asked for, of a history that ends before this day: path and query.
Ask = Callable[[random.Random, date], tuple[str, dict[str, str]]]


def last(days: int, path: str, **query: str) -> Ask:
    """A report of so many days, the last of which is one of the last ten."""

    def ask(chance: random.Random, today: date) -> tuple[str, dict[str, str]]:
        end = today - timedelta(days=chance.randrange(10))
        given = {name: chance.choice(KEYS[name]) if value == "any" else value for name, value in query.items()}
        return path, {"from": str(end - timedelta(days=days)), "to": str(end), **given}

    return ask


def week(path: str, **query: str) -> Ask:
    """A report of seven days, the last of which is one of the last three: of pairs with products no others are there."""

    def ask(chance: random.Random, today: date) -> tuple[str, dict[str, str]]:
        end = today - timedelta(days=chance.randrange(3))
        return path, {"from": str(end - timedelta(days=7)), "to": str(end), **query}

    return ask


def _product(days: int) -> Ask:
    def ask(chance: random.Random, today: date) -> tuple[str, dict[str, str]]:
        return last(days, f"products/{chance.choice(KEYS['product'])}")(chance, today)

    return ask


REPORTS: dict[str, Ask] = {
    "pricing, 30 days": last(30, "pricing"),
    "pricing, 355 days": last(355, "pricing"),
    "pricing by day, 355 days": last(355, "pricing", group_by="day"),
    "pricing by weekday and hour, 355 days": last(355, "pricing", group_by="weekday,hour"),
    "pricing by hour and region, 30 days": last(30, "pricing", group_by="hour,region"),
    "pricing by region, 355 days": last(355, "pricing", group_by="region"),
    "pricing by day and region, 90 days": last(90, "pricing", group_by="day,region"),
    "pricing by rule, 355 days": last(355, "pricing", group_by="rule", sort="discount"),
    "pricing by product, 30 days": last(30, "pricing", group_by="product", sort="units"),
    "pricing by product, 355 days": last(355, "pricing", group_by="product", sort="units"),
    "pricing by product and quotes, 355 days": last(355, "pricing", group_by="product", sort="quotes"),
    "pricing by product and quoted revenue, 30 days": last(30, "pricing", group_by="product", sort="quoted_revenue"),
    "pricing by day and product, 30 days": last(30, "pricing", group_by="day,product"),
    "pricing by region and product, 7 days": week("pricing", group_by="region,product"),
    "pricing of a seller by day, 90 days": last(90, "pricing", group_by="day", seller="any"),
    "pricing by seller and before, 30 days": last(30, "pricing", group_by="seller", compare="previous"),
    "pricing by seller as CSV, 355 days": last(355, "pricing", group_by="seller", format="csv", limit="200"),
    "commission, 30 days": last(30, "commission"),
    "commission by seller, 30 days": last(30, "commission", group_by="seller"),
    "commission by seller, 170 days": last(170, "commission", group_by="seller"),
    "commission by region and category, 90 days": last(90, "commission", group_by="region,category"),
    "commission of a seller by day, 90 days": last(90, "commission", group_by="day", seller="any"),
    "flags, 355 days": last(355, "flags"),
    "flags by day, 30 days": last(30, "flags", group_by="day"),
    "honoured prices, 30 days": last(30, "honoured"),
    "honoured prices, 355 days": last(355, "honoured"),
    "a product, 30 days": _product(30),
    "a product, 355 days": _product(355),
}
