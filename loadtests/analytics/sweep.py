"""Every question there is: any two of what can be grouped by, sorted by anything, of any period; and the slowest of them."""

import random
from collections.abc import Iterator
from datetime import date
from itertools import combinations
from typing import NamedTuple, get_args

from loadtests.analytics.history import KEYS
from loadtests.analytics.reports import Ask, last, week
from loadtests.analytics.timing import Caller
from quote_service.steering.analytics.model.cubes import DIMENSIONS
from quote_service.steering.analytics.model.reports.dimensions import GROUPS, GroupBy, TimeOfReport
from quote_service.steering.analytics.operations.report_commission import SORTS as COMMISSION_SORTS
from quote_service.steering.analytics.operations.report_pricing import SORTS as PRICING_SORTS

_TIMES = get_args(TimeOfReport)
#: 52 days by the hour are nearly the most that has no whole month.
_DAYS = (30, 90, 355)
_DAYS_BY_HOUR = (30, 52)


class Question(NamedTuple):
    """How a report is asked for."""

    name: str
    ask: Ask


def questions() -> Iterator[Question]:
    """All of them: those without a filter by each sort, those with one by the first two."""
    for groups in ((), *((group,) for group in GROUPS), *combinations(GROUPS, 2)):
        dimensions = [group for group in groups if group in DIMENSIONS]
        for path, sorts in (("pricing", PRICING_SORTS), ("commission", COMMISSION_SORTS)):
            for sort in sorts if dimensions and "currency" not in groups else [*sorts][:1]:
                yield from _of(path, groups, {"sort": sort})
        if len(dimensions) < 2:
            for name in (each for each in DIMENSIONS if each not in groups):
                for sort in ("revenue", "quotes") if dimensions and "currency" not in groups else ("revenue",):
                    yield from _of("pricing", groups, {"sort": sort, name: KEYS[name][0]})
        if "flag" not in groups and len(dimensions) < 2:
            yield from _of("pricing", groups, {"sort": "quotes", "flag": "flag-0"})


def _of(path: str, groups: tuple[GroupBy, ...], query: dict[str, str]) -> Iterator[Question]:
    asked = {"group_by": ",".join(groups), **query} if groups else query
    named = [name for name in DIMENSIONS if name in query or name in groups]
    if "product" in named and len(named) > 1:
        periods = [(7, week(path, **asked))]
    elif "product" in named and "hour" in groups:
        periods = [(10, last(10, path, **asked))]
    else:
        # Hours of a pair are in no history of this size here; those of a whole month are, of one dimension.
        days: tuple[int, ...] = _DAYS
        if "hour" in groups:
            days = () if len(named) > 1 else _DAYS_BY_HOUR if named else _DAYS
        elif len(named) > 1 and any(time in groups for time in _TIMES):
            days = (30, 90)
        periods = [(each, last(each, path, **asked)) for each in days]
    for each, ask in periods:
        yield Question(f"{path}?{'&'.join(f'{name}={value}' for name, value in asked.items())}, {each} days", ask)


def slowest(caller: Caller, today: date, many: int, rounds: int) -> Iterator[tuple[str, list[float]]]:
    """The questions that take most CPU time, each asked so often: its milliseconds, the least first.

    Every question is asked once, and the slowest of these again, three times as many as are told.
    """
    chance = random.Random(5)
    first = sorted(
        ((caller.take(*question.ask(chance, today)).cpu_ms, question) for question in questions()),
        key=lambda pair: -pair[0],
    )
    again = [
        (question.name, sorted(caller.take(*question.ask(chance, today)).cpu_ms for _ in range(rounds)))
        for _, question in first[: 3 * many]
    ]
    yield from sorted(again, key=lambda pair: -pair[1][len(pair[1]) // 2])[:many]
