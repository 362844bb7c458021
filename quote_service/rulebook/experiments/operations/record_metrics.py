"""Take outcomes that other programs report.

Source: docs/spec/experiments.md#reported-metrics.
"""

from quote_service.platform.postgres.change import Change
from quote_service.platform.system.errors import Invalid
from quote_service.rulebook.experiments.model.reported_metrics import (
    MetricReceipt,
    ReportedMetrics,
    moment_of,
    report_faults,
    value_of,
)
from quote_service.rulebook.experiments.tables.reports import ReportedOutcome, write_reports


async def record_metrics(change: Change, report: ReportedMetrics) -> MetricReceipt:
    """Have outcomes counted, within the caller's transaction; one whose id came before from this caller is left out.

    Raises:
        Invalid: One of them cannot be accepted; none is counted.
    """
    faults = tuple(report_faults(report, change.at_us))
    if faults:
        raise Invalid.because(faults)
    outcomes = [
        ReportedOutcome(
            reported.customer_id, reported.metric, value_of(reported), moment_of(reported, change.at_us), reported.id
        )
        for reported in report.metrics
    ]
    accepted = await write_reports(change.connection, change.actor, outcomes)
    return MetricReceipt(accepted=accepted, repeated=len(outcomes) - accepted)
