"""Guardrails of a flag as an admin writes them: what must not get worse for the customers who get it.

Source: docs/spec/experiments.md#guardrails.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec

from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.system.errors import Fault

Direction = Literal["lower_is_better", "higher_is_better"]
Measure = Literal["rate", "mean", "mean_per_exposure"]
"""What is compared of a metric.

- `rate`: customers with an event, of those exposed: errors, timeouts, conversion.
- `mean`: the mean of the values that were recorded: latency, price.
- `mean_per_exposure`: their sum divided by all who were exposed, where whoever has no value counts as 0: revenue.
"""
MetricName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$")]

GUARDRAILS_MAX = 20
MIN_EXPOSURES = 500
MIN_EVENTS = 10
#: Amounts of different currencies are never added, so these metrics are told by currency: `revenue.TRY`.
AMOUNTS_BY_CURRENCY = ("price", "revenue")
_CURRENCY = re.compile(r"[A-Z]{3}\Z")
_MEASURES: dict[str, Measure] = {
    "error": "rate",
    "timeout": "rate",
    "slow": "rate",
    "conversion": "rate",
    "latency_ms": "mean",
    "price": "mean",
    "revenue": "mean_per_exposure",
}


class FlagGuardrail(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A metric, which side of it is harm, and how much of that is tolerated."""

    metric: MetricName
    """What is compared: `error`, `timeout`, `slow`, `latency_ms`, `price.CUR` and `conversion`, `revenue.CUR` by currency, or any
    metric that is reported.
    """
    direction: Direction
    """Which values are better."""
    measure: Measure | None = None
    """How the metric is compared; null for the usual way. Required for metrics that are only reported."""
    max_regression: ExactNumber = ExactNumber(0)
    """How much worse than in the control is tolerated, as a share of the control's value: 0.1 for 10 %."""
    min_exposures: Annotated[int, msgspec.Meta(ge=1, le=10_000_000)] = MIN_EXPOSURES
    """Customers in each arm before anything is decided."""
    min_events: Annotated[int, msgspec.Meta(ge=1, le=10_000_000)] = MIN_EVENTS
    """Customers with an outcome, in both arms together, before anything is decided."""

    @property
    def measured_by(self) -> Measure:
        """How it is compared; of a guardrail without faults."""
        return self.measure or usual_measure(self.metric) or "rate"


def usual_measure(metric: str) -> Measure | None:
    """How a metric of the service's own is compared; None for one that only reports know."""
    name, _, currency = metric.partition(".")
    if (name in AMOUNTS_BY_CURRENCY) != bool(currency):
        return None
    return _MEASURES.get(name) if not currency or _CURRENCY.match(currency) else None


def guardrail_faults(guardrails: list[FlagGuardrail]) -> Iterator[Fault]:
    """What the types cannot say; pointers are relative to the flag."""
    if len(guardrails) > GUARDRAILS_MAX:
        yield Fault("/guardrails", f"can have at most {GUARDRAILS_MAX} guardrails")
    seen = set()
    for index, guardrail in enumerate(guardrails):
        pointer = f"/guardrails/{index}"
        yield from _faults_of(guardrail, pointer)
        if (guardrail.metric, guardrail.measured_by) in seen:
            yield Fault(f"{pointer}/metric", "already has a guardrail")
        seen.add((guardrail.metric, guardrail.measured_by))


def _faults_of(guardrail: FlagGuardrail, pointer: str) -> Iterator[Fault]:
    if guardrail.metric.endswith("\n"):  # which the `$` of a pattern lets through
        yield Fault(f"{pointer}/metric", "must not end a line")
    elif guardrail.metric in AMOUNTS_BY_CURRENCY:
        yield Fault(f"{pointer}/metric", f"needs a currency, such as {guardrail.metric}.USD")
    elif guardrail.measure is None and usual_measure(guardrail.metric) is None:
        yield Fault(f"{pointer}/measure", "is required for a metric that is only reported")
    if not 0 <= guardrail.max_regression <= 1000:
        yield Fault(f"{pointer}/max_regression", "must be from 0 to 1000")
    elif guardrail.direction == "higher_is_better" and guardrail.max_regression >= 1:
        yield Fault(
            f"{pointer}/max_regression", "must be below 1 where higher is better: nothing falls by more than all of it"
        )
    # Rates are exact from the first customer on; with fewer values than that, the variance of a mean is a guess.
    if guardrail.measured_by != "rate" and guardrail.min_exposures < 100:
        yield Fault(f"{pointer}/min_exposures", "must be 100 or more where means are compared")
