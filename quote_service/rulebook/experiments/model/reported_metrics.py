"""Outcomes of customers as other programs report them.

Source: docs/spec/experiments.md#reported-metrics.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from quote_service.platform.money.numbers import ExactNumber, NotANumber, scale_decimal
from quote_service.platform.system.errors import Fault
from quote_service.platform.system.instants import SECOND_US, from_micros, to_micros
from quote_service.pricing.flags.flag import Moment
from quote_service.pricing.flags.guardrails import AMOUNTS_BY_CURRENCY, MetricName

METRICS_MAX = 1000
VALUE_PLACES = 6
_VALUE_MAX = 10**12
# Clocks differ; what is reported for later than that is a mistake.
_AHEAD_US = 300 * SECOND_US


class ReportedMetric(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something that a customer did, or that happened to one."""

    customer_id: UUID
    """The customer, as in quotes."""
    metric: MetricName
    """What is recorded: `conversion`, `error`, `revenue.USD` by currency, or any name of yours."""
    value: ExactNumber = ExactNumber(1)
    """Its value, with at most 6 decimals; 1 for an event."""
    at: Moment | None = None
    """When it happened; null for now. What happened before the customer was shown a flag does not count for it."""
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None = None
    """Identifies the outcome: one that is sent again counts once. Remembered for 7 days, for each API key."""


class ReportedMetrics(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Outcomes of customers."""

    metrics: Annotated[list[ReportedMetric], msgspec.Meta(min_length=1, max_length=METRICS_MAX)]
    """The outcomes."""


class MetricReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a report."""

    accepted: int
    """Outcomes that are counted, for the experiments that their customers are in."""
    repeated: int
    """Outcomes whose `id` had been sent before."""


def report_faults(report: ReportedMetrics, now_us: int) -> Iterator[Fault]:
    """What the types cannot say."""
    for index, reported in enumerate(report.metrics):
        pointer = f"/metrics/{index}"
        if reported.metric.endswith("\n"):  # which the `$` of a pattern lets through
            yield Fault(f"{pointer}/metric", "must not end a line")
        elif reported.metric in AMOUNTS_BY_CURRENCY:
            yield Fault(f"{pointer}/metric", f"needs a currency, such as {reported.metric}.USD")
        if abs(reported.value) > _VALUE_MAX:
            yield Fault(f"{pointer}/value", f"must be from -{_VALUE_MAX} to {_VALUE_MAX}")
        elif _millionths(reported) is None:
            yield Fault(f"{pointer}/value", f"must have at most {VALUE_PLACES} decimals")
        if reported.at is not None and to_micros(reported.at) > now_us + _AHEAD_US:
            yield Fault(f"{pointer}/at", "must not be in the future")


def value_of(reported: ReportedMetric) -> int:
    """The value in millionths, of a report without faults."""
    value = _millionths(reported)
    assert value is not None
    return value


def moment_of(reported: ReportedMetric, now_us: int) -> datetime:
    """When it happened."""
    return from_micros(now_us) if reported.at is None else reported.at


def _millionths(reported: ReportedMetric) -> int | None:
    try:
        return scale_decimal(reported.value, VALUE_PLACES)
    except NotANumber:
        return None
