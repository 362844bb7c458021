"""Examples for the API's description, made by what makes answers."""

from datetime import UTC, date, datetime
from uuid import UUID

from quote_service.steering.analytics.model.reports.amounts import amount, share
from quote_service.steering.analytics.model.reports.answers import (
    CommissionCurrency,
    CommissionGroup,
    CommissionReport,
    Freshness,
    Mover,
    Movers,
    Period,
    PricingCurrency,
    PricingGroup,
    PricingReport,
    RateOf,
)
from quote_service.steering.analytics.model.reports.commission import average_rate, commission_figures
from quote_service.steering.analytics.model.reports.flags import FlagAdoption, FlagDay, FlagsReport, FlagVariant
from quote_service.steering.analytics.model.reports.pricing import pricing_figures, rule_discount
from quote_service.steering.analytics.model.reports.products import (
    ProductCurrency,
    ProductDay,
    ProductReport,
    price_elasticity,
    product_figures,
)
from quote_service.steering.analytics.routes.report_csv import flags_csv, groups_csv, product_csv

_BEGIN, _END = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
_FRESHNESS = Freshness(
    read_at=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
    quotes_until=datetime(2026, 3, 2, 9, 29, 58, tzinfo=UTC),
    orders_until=datetime(2026, 3, 2, 9, 29, 59, tzinfo=UTC),
)
_BEFORE = Period(from_=datetime(2026, 1, 4, tzinfo=UTC), to=_BEGIN)
_CURRENCY = "TRY"
_SELLER = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a02"
_CATEGORY = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a03"
_PRODUCT = UUID("0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a01")
_QUOTES = {
    "quotes": 1500, "priced": 1000, "local": 300, "redis": 200, "express": 120, "lines": 2000, "units": 3100,
    "lines_catalog": 1900, "lines_flash_sale": 60, "lines_request": 40, "gross_minor": 31_000_000,
    "seller_discount_minor": 900_000, "platform_discount_minor": 600_000, "delivery_fee_minor": 2_400_000,
    "small_basket_fee_minor": 150_000, "inclusive_tax_minor": 5_200_000, "total_minor": 32_050_000,
    "commission_minor": 3_100_000, "latency_us": 900_000, "latency_100us": 500, "latency_1ms": 950, "latency_10ms": 50,
}  # fmt: skip
_ORDERS = {
    "accepted": 260, "accepted_total_minor": 8_450_000, "orders": 250, "units": 800, "lines": 520, "purchases": 10,
    "purchases_total_minor": 150_000, "gross_minor": 7_900_000, "seller_discount_minor": 230_000,
    "platform_discount_minor": 150_000, "delivery_fee_minor": 600_000, "small_basket_fee_minor": 30_000,
    "inclusive_tax_minor": 1_320_000, "total_minor": 8_150_000, "refunds": 4, "cancellations": 3,
    "reversed_total_minor": 210_000, "seller_commission_minor": 400_000, "category_commission_minor": 320_000,
    "logistics_commission_minor": 47_000, "commission_base_minor": 7_670_000, "charges": 1040, "clamped": 26,
    "clamped_commission_minor": 9_100, "commission_tax_minor": 153_400, "payout_minor": 6_749_600,
    "reversed_gross_minor": 190_000, "reversed_seller_commission_minor": 19_000, "reversed_commission_tax_minor": 3_800,
}  # fmt: skip
_TOTALS, _EARNED = pricing_figures(_QUOTES, _ORDERS, _CURRENCY), commission_figures(_ORDERS, _CURRENCY)
_MOVERS = Movers(
    dimension="seller",
    up=[
        Mover(
            key=_SELLER,
            amount=amount(767_000, _CURRENCY),
            previous=amount(590_000, _CURRENCY),
            change=amount(177_000, _CURRENCY),
            change_share=share(177_000, 590_000),
        )
    ],
    down=[],
)

PRICING = PricingReport(
    from_=_BEGIN,
    to=_END,
    time_zone="UTC",
    group_by=["region"],
    filters={},
    counts="quotes",
    freshness=_FRESHNESS,
    previous=None,
    currencies=[
        PricingCurrency(
            currency=_CURRENCY,
            totals=_TOTALS,
            previous=None,
            movers=None,
            discounts_by_rule=[rule_discount("Spring sale", _ORDERS, _CURRENCY)],
            groups=[PricingGroup(keys={"region": "TR/Istanbul"}, figures=_TOTALS)],
            groups_found=1,
            others=[],
        )
    ],
)
COMMISSION = CommissionReport(
    from_=_BEGIN,
    to=_END,
    time_zone="UTC",
    group_by=["seller"],
    filters={},
    counts="lines",
    freshness=_FRESHNESS,
    previous=_BEFORE,
    currencies=[
        CommissionCurrency(
            currency=_CURRENCY,
            totals=_EARNED,
            previous=_EARNED,
            by_category=[
                RateOf(
                    key=_CATEGORY,
                    commission=amount(767_000, _CURRENCY),
                    average_rate=average_rate(_ORDERS),
                    difference_to_whole=share(0, 1),
                )
            ],
            by_region=[],
            movers=_MOVERS,
            groups=[CommissionGroup(keys={"seller": _SELLER}, figures=_EARNED)],
            groups_found=1,
            others=[],
        )
    ],
)
FLAGS = FlagsReport(
    from_=_BEGIN,
    to=_END,
    time_zone="UTC",
    freshness=_FRESHNESS,
    answers=1500,
    flags=[
        FlagAdoption(
            flag="new-checkout",
            answers=1200,
            share_of_all=share(1200, 1500),
            variants=[
                FlagVariant(
                    variant="on",
                    answers=300,
                    share=share(300, 1200),
                    issued=210,
                    accepted=63,
                    conversion_rate=share(63, 210),
                    orders=60,
                    days=[
                        FlagDay(
                            day=date(2026, 2, 1),
                            answers=12,
                            share=share(12, 48),
                            issued=9,
                            accepted=3,
                            conversion_rate=share(3, 9),
                            orders=2,
                        )
                    ],
                )
            ],
        )
    ],
    left_out=0,
)
_DAYS = [
    (
        {"lines": 100, "units": 120, "gross_minor": 120 * price},
        {"orders": units, "units": units, "gross_minor": units * price},
    )
    for price, units in ((9_900, 34), (9_500, 38), (9_000, 41), (8_900, 45), (9_900, 33), (10_500, 29), (9_700, 37))
]
PRODUCT = ProductReport(
    product_id=_PRODUCT,
    from_=_BEGIN,
    to=_END,
    time_zone="UTC",
    freshness=_FRESHNESS,
    currencies=[
        ProductCurrency(
            currency=_CURRENCY,
            totals=product_figures(*_DAYS[0], _CURRENCY),
            price_elasticity=price_elasticity([*_DAYS, *_DAYS], _CURRENCY),
            days=[ProductDay(day=date(2026, 2, 1), figures=product_figures(*_DAYS[0], _CURRENCY))],
        )
    ],
)
PRICING_CSV, COMMISSION_CSV = groups_csv(PRICING).decode(), groups_csv(COMMISSION).decode()
FLAGS_CSV, PRODUCT_CSV = flags_csv(FLAGS).decode(), product_csv(PRODUCT).decode()
