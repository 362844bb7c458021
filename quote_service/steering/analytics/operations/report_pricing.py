"""What was quoted and sold.

Source: docs/spec/analytics.md#pricing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from quote_service.platform.postgres.pool import Connection
from quote_service.steering.analytics.model.quote_figures import QUOTE_FIGURES
from quote_service.steering.analytics.model.reports.answers import (
    Movers,
    Period,
    PricingCurrency,
    PricingGroup,
    PricingReport,
)
from quote_service.steering.analytics.model.reports.pieces import Zones
from quote_service.steering.analytics.model.reports.pricing import (
    DISCOUNT_FIGURES,
    LINE_FIGURES,
    ORDER_FIGURES,
    Counted,
    RuleDiscount,
    pricing_figures,
    rule_discount,
)
from quote_service.steering.analytics.model.reports.query import ReportQuery
from quote_service.steering.analytics.model.sales.ranks import DISCOUNT, QUOTED
from quote_service.steering.analytics.operations.compare_periods import (
    dimension_of_movers,
    find_movers,
    period_before,
    room_for,
    totals_of,
)
from quote_service.steering.analytics.operations.gather_report import Both, Group, gather_report
from quote_service.steering.analytics.operations.report_head import freshness_of, keys_of
from quote_service.steering.analytics.tables.report_rows import Rollup

BOTH: Final[tuple[Rollup, ...]] = ("quotes", "orders")
RULES_MAX: Final = 10
#: What groups can be sorted by: of which rollup, and in terms of its columns.
SORTS: Final[Mapping[str, tuple[Rollup, str]]] = {
    "revenue": ("orders", "total_minor"),
    "orders": ("orders", "orders"),
    "units": ("orders", "units"),
    "accepted": ("orders", "accepted"),
    "discount": ("orders", DISCOUNT),
    "quotes": ("quotes", QUOTED),
    "quoted_revenue": ("quotes", "total_minor"),
}
_NOTHING = Both({}, {})


async def report_pricing(
    connection: Connection, query: ReportQuery, zones: Zones, read_at: datetime, *, compared: bool
) -> PricingReport:
    """The report; `compared` adds the period before.

    Args:
        connection: On one state of the database.
        query: Its `sort` is one of SORTS.
        zones: By which clock, and that of the rollups.
        read_at: The present.
        compared: Whether the period before is wanted too.
    """
    rollup, figure = SORTS[query.sort]
    figures: dict[Rollup, tuple[str, ...]] = {
        "quotes": LINE_FIGURES if query.counts == "lines" else QUOTE_FIGURES,
        "orders": ORDER_FIGURES,
    }
    blocks = await gather_report(connection, query, zones, BOTH, {rollup: figure}, figures=figures)
    discounts = await _discounts(connection, query, zones, [block.currency for block in blocks])
    before = period_before(query, zones) if compared else None
    totals_before, movers = {}, dict[str, Movers]()
    if before is not None:
        totals_before = await totals_of(connection, before, zones, figures)
        dimension = dimension_of_movers(query)
        if dimension is not None:
            movers = await find_movers(connection, query, before, dimension, zones, {"orders": "total_minor"})
    # Of several rules there is no total: it is that of everything.
    of_totals = Counted(query.counts == "lines", "rule" in query.filters)
    return PricingReport(
        from_=query.begin,
        to=query.end,
        time_zone=zones.shown.key,
        group_by=list(query.group_by),
        filters=dict(query.filters),
        counts=query.counts,
        freshness=await freshness_of(connection, read_at, zones, query, before),
        previous=None if before is None else Period(from_=before.begin, to=before.end),
        currencies=[
            PricingCurrency(
                currency=block.currency,
                totals=pricing_figures(*block.totals, block.currency, of_totals),
                previous=None
                if before is None
                else pricing_figures(*totals_before.get(block.currency, _NOTHING), block.currency, of_totals),
                movers=movers.get(block.currency),
                discounts_by_rule=None if discounts is None else discounts.get(block.currency, []),
                groups=_groups(query, block.currency, block.groups),
                groups_found=block.found,
                others=_groups(query, block.currency, block.others),
            )
            for block in blocks
        ],
    )


def _groups(query: ReportQuery, currency: str, groups: Sequence[Group]) -> list[PricingGroup]:
    shown_keys = keys_of(query)
    counted = Counted(query.counts == "lines", "rule" in {*query.dimensions, *query.filters})
    return [
        PricingGroup(keys=shown_keys(currency, times, keys), figures=pricing_figures(*figures, currency, counted))
        for times, keys, figures in groups
    ]


async def _discounts(
    connection: Connection, query: ReportQuery, zones: Zones, currencies: Sequence[str]
) -> dict[str, list[RuleDiscount]] | None:
    if not room_for(query, "rule"):
        return None
    by_rule = query._replace(group_by=("rule",), limit=RULES_MAX)
    ranked_by: dict[Rollup, str] = {"orders": SORTS["discount"][1]}
    figures: dict[Rollup, tuple[str, ...]] = {"orders": DISCOUNT_FIGURES}
    blocks = await gather_report(
        connection, by_rule, zones, ("orders",), ranked_by, figures=figures, of_currencies=currencies
    )
    shown: dict[str, list[RuleDiscount]] = {}
    for block in blocks:
        rules = [(group.keys[0], group.figures.orders) for group in block.groups]
        shown[block.currency] = [
            rule_discount(rule, sums, block.currency)
            for rule, sums in rules
            if sums.get("seller_discount_minor") or sums.get("platform_discount_minor")
        ]
    return shown
