"""What was earned.

Source: docs/spec/analytics.md#commission.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from quote_service.platform.postgres.pool import Connection
from quote_service.steering.analytics.model.cubes import Dimension
from quote_service.steering.analytics.model.reports.amounts import amount, share_difference
from quote_service.steering.analytics.model.reports.answers import (
    CommissionCurrency,
    CommissionGroup,
    CommissionReport,
    Movers,
    Period,
    RateOf,
)
from quote_service.steering.analytics.model.reports.commission import (
    FIGURES,
    RATE_FIGURES,
    average_rate,
    commission_figures,
    commission_minor,
)
from quote_service.steering.analytics.model.reports.pieces import Zones
from quote_service.steering.analytics.model.reports.query import ReportQuery
from quote_service.steering.analytics.model.sales.ranks import COMMISSION, REVERSED_COMMISSION
from quote_service.steering.analytics.operations.compare_periods import (
    dimension_of_movers,
    find_movers,
    period_before,
    room_for,
    totals_of,
)
from quote_service.steering.analytics.operations.gather_report import Block, Both, Group, gather_report
from quote_service.steering.analytics.operations.report_head import freshness_of, keys_of
from quote_service.steering.analytics.tables.report_rows import Rollup

ORDERS: Final[tuple[Rollup, ...]] = ("orders",)
RATES_MAX: Final = 20
#: What groups can be sorted by, in terms of the columns.
SORTS: Final[Mapping[str, str]] = {
    "commission": COMMISSION,
    "revenue": "total_minor",
    "orders": "orders",
    "clamped": "clamped",
    "reversed": REVERSED_COMMISSION,
}
_NOTHING = Both({}, {})


async def report_commission(
    connection: Connection, query: ReportQuery, zones: Zones, read_at: datetime
) -> CommissionReport:
    """The report, beside the period before.

    Args:
        connection: On one state of the database.
        query: Its `sort` is one of SORTS.
        zones: By which clock, and that of the rollups.
        read_at: The present.
    """
    ranked_by: dict[Rollup, str] = {"orders": SORTS[query.sort]}
    blocks = await gather_report(connection, query, zones, ORDERS, ranked_by, figures={"orders": FIGURES})
    before = period_before(query, zones)
    totals_before = await totals_of(connection, before, zones, {"orders": FIGURES})
    currencies = [block.currency for block in blocks]
    by_category = await _rates(connection, query, "category", zones, currencies)
    by_region = await _rates(connection, query, "region", zones, currencies)
    movers: dict[str, Movers] = {}
    dimension = dimension_of_movers(query)
    if dimension is not None:
        movers = await find_movers(connection, query, before, dimension, zones, {"orders": COMMISSION})
    return CommissionReport(
        from_=query.begin,
        to=query.end,
        time_zone=zones.shown.key,
        group_by=list(query.group_by),
        filters=dict(query.filters),
        counts=query.counts,
        freshness=await freshness_of(connection, read_at, zones, query, before),
        previous=Period(from_=before.begin, to=before.end),
        currencies=[
            CommissionCurrency(
                currency=block.currency,
                totals=commission_figures(block.totals.orders, block.currency),
                previous=commission_figures(totals_before.get(block.currency, _NOTHING).orders, block.currency),
                by_category=_rates_of(by_category, block),
                by_region=_rates_of(by_region, block),
                movers=movers.get(block.currency),
                groups=_groups(query, block.currency, block.groups),
                groups_found=block.found,
                others=_groups(query, block.currency, block.others),
            )
            for block in blocks
        ],
    )


def _groups(query: ReportQuery, currency: str, groups: Sequence[Group]) -> list[CommissionGroup]:
    shown_keys = keys_of(query)
    return [
        CommissionGroup(keys=shown_keys(currency, times, keys), figures=commission_figures(figures.orders, currency))
        for times, keys, figures in groups
    ]


async def _rates(
    connection: Connection, query: ReportQuery, dimension: Dimension, zones: Zones, currencies: Sequence[str]
) -> dict[str, list[Group]] | None:
    if not room_for(query, dimension):
        return None
    asked = query._replace(group_by=(dimension,), limit=RATES_MAX)
    figures: dict[Rollup, tuple[str, ...]] = {"orders": RATE_FIGURES}
    blocks = await gather_report(
        connection, asked, zones, ORDERS, {"orders": COMMISSION}, figures=figures, of_currencies=currencies
    )
    return {block.currency: block.groups for block in blocks}


def _rates_of(groups: Mapping[str, list[Group]] | None, block: Block) -> list[RateOf] | None:
    if groups is None:
        return None
    whole = average_rate(block.totals.orders)
    rates = []
    for group in groups.get(block.currency, ()):
        sums = group.figures.orders
        own = average_rate(sums)
        rates.append(
            RateOf(
                key=group.keys[0] or None,
                commission=amount(commission_minor(sums), block.currency),
                average_rate=own,
                difference_to_whole=None if own is None or whole is None else share_difference(own, whole),
            )
        )
    return rates
