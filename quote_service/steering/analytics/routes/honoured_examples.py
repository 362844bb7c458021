"""Examples of the report of honoured prices, made by what makes answers."""

from datetime import UTC, datetime

from quote_service.steering.analytics.model.honoured import EffectSums, QuoteSums
from quote_service.steering.analytics.model.reports.honoured import (
    HonouredCurrency,
    HonouredFreshness,
    HonouredReport,
    honoured_change,
    honoured_figures,
)
from quote_service.steering.analytics.routes.report_csv import honoured_csv

_CURRENCY = "TRY"

HONOURED = HonouredReport(
    from_=datetime(2026, 2, 1, tzinfo=UTC),
    to=datetime(2026, 3, 1, tzinfo=UTC),
    time_zone="UTC",
    freshness=HonouredFreshness(
        read_at=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
        compared_until=datetime(2026, 3, 2, 9, 29, 30, tzinfo=UTC),
    ),
    currencies=[
        HonouredCurrency(
            currency=_CURRENCY,
            figures=honoured_figures(
                QuoteSums(
                    accepted=260,
                    not_compared=1,
                    changed=7,
                    dearer=4,
                    cheaper=2,
                    cost_minor=18_500,
                    gain_minor=6_000,
                    commission_minor=-1_250,
                ),
                _CURRENCY,
            ),
            changes=[
                honoured_change("rule", "Spring sale", EffectSums(4, -18_500, -925), _CURRENCY),
                honoured_change("price", "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a01", EffectSums(2, 6_000, 0), _CURRENCY),
                honoured_change("rate", "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a04", EffectSums(1, 0, -325), _CURRENCY),
            ],
            others=None,
        )
    ],
)
HONOURED_CSV = honoured_csv(HONOURED).decode()
