"""Adoption of feature flags.

Source: docs/spec/analytics.md#flags.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from quote_service.platform.postgres.pool import Connection
from quote_service.quotes.model.quote_cells import OTHER
from quote_service.steering.analytics.model.reports.amounts import share, share_of_issued
from quote_service.steering.analytics.model.reports.flags import FlagAdoption, FlagDay, FlagsReport, FlagVariant
from quote_service.steering.analytics.model.reports.pieces import Zones
from quote_service.steering.analytics.model.reports.query import ReportQuery
from quote_service.steering.analytics.operations.gather_report import Both, Group, added, gather_report
from quote_service.steering.analytics.operations.report_head import freshness_of
from quote_service.steering.analytics.tables.report_rows import Rollup

_BOTH: Final[tuple[Rollup, ...]] = ("quotes", "orders")
_RANKED_BY: Final[dict[Rollup, str]] = {"quotes": "quotes"}
_FIGURES: Final[dict[Rollup, tuple[str, ...]]] = {
    "quotes": ("quotes", "priced"),
    "orders": ("accepted", "accepted_shift", "orders"),
}
_Variants = dict[str, dict[date | None, Both]]


async def report_flags(connection: Connection, query: ReportQuery, zones: Zones, read_at: datetime) -> FlagsReport:
    """The report; grouped by flag, and by day if days are wanted.

    Args:
        connection: On one state of the database.
        query: Grouped by flag, and day or nothing.
        zones: By which clock, and that of the rollups.
        read_at: The present.
    """
    blocks = await gather_report(connection, query, zones, _BOTH, _RANKED_BY, figures=_FIGURES)
    everybody = query._replace(
        group_by=(), filters={name: value for name, value in query.filters.items() if name != "flag"}
    )
    totals = await gather_report(connection, everybody, zones, ("quotes",), {}, figures=_FIGURES)
    flags: dict[str, _Variants] = {}
    for block in blocks:
        for group in block.groups:
            _add(flags, group)
    return FlagsReport(
        from_=query.begin,
        to=query.end,
        time_zone=zones.shown.key,
        freshness=await freshness_of(connection, read_at, zones, query),
        answers=(answers := sum(block.totals.quotes.get("quotes", 0) for block in totals)),
        flags=[_flag(flag, variants, answers, by_day=bool(query.times)) for flag, variants in sorted(flags.items())],
        left_out=max((block.found - len({group.keys for group in block.groups}) for block in blocks), default=0),
    )


def _add(flags: dict[str, _Variants], group: Group) -> None:
    flag, _, variant = group.keys[0].partition("=")
    day = group.times[0] if group.times and isinstance(group.times[0], date) else None
    days = flags.setdefault(flag or OTHER, {}).setdefault(variant, {})
    days[day] = added((days[day], group.figures)) if day in days else group.figures


def _flag(flag: str, variants: _Variants, all_answers: int, *, by_day: bool) -> FlagAdoption:
    totals = {variant: added(days.values()) for variant, days in variants.items()}
    answers = _answers(totals.values())
    of_days: dict[date | None, int] = {}
    for days in variants.values():
        for day, both in days.items():
            of_days[day] = of_days.get(day, 0) + _answers([both])
    return FlagAdoption(
        flag=flag,
        answers=answers,
        share_of_all=share(answers, all_answers),
        variants=[
            _variant(variant, both, answers, _days(variants[variant], of_days) if by_day else [])
            for variant, both in sorted(totals.items(), key=lambda pair: (-_answers([pair[1]]), pair[0]))
        ],
    )


def _days(days: dict[date | None, Both], of_days: dict[date | None, int]) -> list[FlagDay]:
    return [
        FlagDay(
            day=day,
            answers=_answers([both]),
            share=share(_answers([both]), of_days[day]),
            issued=both.quotes.get("priced", 0),
            accepted=both.orders.get("accepted", 0),
            conversion_rate=share_of_issued("accepted", both.orders, both.quotes.get("priced", 0)),
            orders=both.orders.get("orders", 0),
        )
        for day, both in sorted((day, both) for day, both in days.items() if day is not None)
    ]


def _variant(variant: str, both: Both, of: int, days: list[FlagDay]) -> FlagVariant:
    issued, accepted = both.quotes.get("priced", 0), both.orders.get("accepted", 0)
    return FlagVariant(
        variant=variant,
        answers=_answers([both]),
        share=share(_answers([both]), of),
        issued=issued,
        accepted=accepted,
        conversion_rate=share_of_issued("accepted", both.orders, issued),
        orders=both.orders.get("orders", 0),
        days=days,
    )


def _answers(parts: Iterable[Both]) -> int:
    return sum(both.quotes.get("quotes", 0) for both in parts)
