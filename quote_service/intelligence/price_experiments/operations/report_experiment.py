"""Report what a price experiment says so far, or in the end.

Source: docs/spec/price-experiments.md#estimates.
"""

from decimal import Decimal
from uuid import UUID

from quote_service.intelligence.price_experiments.model.experiments import Metric
from quote_service.intelligence.price_experiments.model.report import (
    METRICS,
    PriceExperimentReport,
    counted_spans,
    report_of,
    totals_of,
)
from quote_service.intelligence.price_experiments.tables.course import Sold, sold_in
from quote_service.intelligence.price_experiments.tables.experiments import read_running
from quote_service.platform.money.amounts import amount_text
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.numbers import written_number
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.instants import from_micros


async def report_experiment(connection: Connection, experiment_id: UUID) -> PriceExperimentReport:
    """The report.

    Raises:
        NotFound: There is no such experiment.
    """
    running = await read_running(connection, experiment_id)
    spans = counted_spans(running, from_micros(now_us()))
    rows = await sold_in(connection, experiment_id, running.currency, spans) if spans else {}
    sales = {place: _by_metric(sold) for place, sold in rows.items()}
    exponent = EXPONENTS.get(running.currency, 2)
    figures = {}
    for metric in METRICS:
        digits = 0 if metric == "units" else exponent
        treated, control = totals_of(running, sales, len(spans), metric)
        figures[metric] = (
            written_number(amount_text(int(treated), digits)),
            written_number(amount_text(int(control), digits)),
        )
    return report_of(running, running.state, sales, spans, figures)


def _by_metric(sold: Sold) -> dict[Metric, Decimal]:
    return {"profit": sold.profit, "revenue": sold.revenue, "units": sold.units}
