"""What a price experiment says: by how much the treated prices bring more, and how sure that is. Pure.

Source: docs/spec/price-experiments.md#estimates.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from quote_service.intelligence.price_experiments.model.assignment import is_treated
from quote_service.intelligence.price_experiments.model.experiments import PAIRS_MIN, Design, Metric, State
from quote_service.intelligence.price_experiments.model.running import Cluster, Running
from quote_service.intelligence.price_experiments.model.sign_flips import LEVEL, Estimate, Pair, estimate_effect
from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.money.numbers import ExactNumber

METRICS: Final[tuple[Metric, ...]] = ("profit", "revenue", "units")
Verdict = Literal["not_yet", "too_few_pairs", "better", "worse", "no_difference_shown"]
Span = tuple[datetime, datetime]
#: What was sold by cluster and span, a figure for each metric.
Sales = Mapping[tuple[int, int], Mapping[Metric, Decimal]]


class MetricFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What treated and untreated halves of all pairs brought."""

    metric: Metric
    """`profit` and `revenue` are amounts after discounts and before tax; `units` are counted."""
    treated: ExactNumber
    """What treated halves brought."""
    control: ExactNumber
    """What the other halves brought."""
    effect_percent: float | None
    """By how many percent the treatment brings more; of clusters against what each sold before. null where nothing was sold."""
    effect_percent_low: float | None
    """The lower end of its 95 % interval; null where there is none, for too few pairs or too little sold."""
    effect_percent_high: float | None
    """The upper end of the interval."""
    chance: float
    """How likely so large a difference is without any effect, from 0 to 1."""


class PriceExperimentReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a price experiment says."""

    id: UUID
    """Identifies the experiment."""
    state: Annotated[State, Renamed("status")]
    """State of the experiment."""
    design: Design
    """Design of the experiment."""
    metric: Metric
    """What it is decided by."""
    pairs: int
    """Pairs of clusters, or of periods of a cluster, that are compared: whole ones only."""
    pairs_left_out: int
    """Pairs in which nothing was sold that could be compared."""
    counted_until: datetime | None
    """Up to when sales are counted; null where nothing is yet."""
    verdict: Verdict
    """`not_yet` until it has ended as planned, since intervals hold for one look and not for every look in between; after that
    whether 0 is outside of the interval of `metric`.
    """
    figures: list[MetricFigures]
    """By metric."""


def counted_spans(running: Running, now: datetime) -> list[Span]:
    """The spans of time whose sales count: of clusters one, of a switchback each period of whole blocks."""
    if running.started_at is None or running.ends_at is None:
        return []
    end = min(now, running.ends_at)
    if running.design == "clusters":
        begin = running.started_at + timedelta(hours=running.washout_hours)
        return [(begin, end)] if begin < end else []
    every = running.stretches
    whole = [each for each in every if every[2 * each.block + 1].ends_at <= end]
    return [(each.counts_from, each.ends_at) for each in whole]


def pairs_of(running: Running, sales: Sales, spans: int, metric: Metric) -> list[Pair]:
    """The pairs whose halves are compared by a metric."""
    if running.design == "switchback":
        return _of_periods(running, sales, spans, metric)
    return _of_clusters(running, sales, metric) if spans else []


def report_of(
    running: Running,
    state: State,
    sales: Sales,
    spans: list[Span],
    figures: Mapping[Metric, tuple[ExactNumber, ExactNumber]],
) -> PriceExperimentReport:
    """The report.

    Args:
        running: The experiment.
        state: Its state.
        sales: By number of cluster and of span.
        spans: What counts (`counted_spans`).
        figures: Treated and control, as they are shown.
    """
    reported, found = [], {}
    for metric in METRICS:
        pairs = [pair for pair in pairs_of(running, sales, len(spans), metric) if pair.treated or pair.control]
        found[metric] = (len(pairs), estimate_effect(pairs))
        reported.append(_figures(metric, found[metric][1], *figures[metric]))
    pairs_seen, estimate = found[running.metric]
    every = len(pairs_of(running, sales, len(spans), running.metric)) if spans else 0
    return PriceExperimentReport(
        id=running.id,
        state=state,
        design=running.design,
        metric=running.metric,
        pairs=pairs_seen,
        pairs_left_out=every - pairs_seen,
        counted_until=spans[-1][1] if spans else None,
        verdict=_verdict(state, pairs_seen, estimate),
        figures=reported,
    )


def totals_of(running: Running, sales: Sales, spans: int, metric: Metric) -> tuple[Decimal, Decimal]:
    """What treated halves brought, and the others, of whole pairs."""
    sums = {True: Decimal(0), False: Decimal(0)}
    for cluster in running.clusters:
        if running.design == "clusters":
            if cluster.pair is not None and spans:
                sums[bool(cluster.is_treated)] += _sold(sales, cluster.number, 0, metric)
            continue
        for stretch, number in zip(running.stretches[:spans], range(spans), strict=True):
            sums[is_treated(running.seed, cluster.number, stretch)] += _sold(sales, cluster.number, number, metric)
    return sums[True], sums[False]


def _of_periods(running: Running, sales: Sales, spans: int, metric: Metric) -> list[Pair]:
    pairs = []
    every = running.stretches
    for cluster in running.clusters:
        for first in range(0, spans, 2):
            halves = [float(_sold(sales, cluster.number, number, metric)) for number in (first, first + 1)]
            treated = is_treated(running.seed, cluster.number, every[first])
            pairs.append(Pair(*halves) if treated else Pair(*reversed(halves)))
    return pairs


def _of_clusters(running: Running, sales: Sales, metric: Metric) -> list[Pair]:
    by_pair: dict[int, dict[bool, Cluster]] = {}
    for cluster in running.clusters:
        if cluster.pair is not None:
            by_pair.setdefault(cluster.pair, {})[bool(cluster.is_treated)] = cluster
    pairs = []
    for _, both in sorted(by_pair.items()):
        bases = {arm: float(getattr(cluster, f"base_{metric}")) for arm, cluster in both.items()}
        if min(bases.values()) <= 0:
            pairs.append(Pair(0.0, 0.0))  # nothing to compare with
            continue
        # Each cluster against its own past: what is left of their unlikeness is no effect. In the size that both have together.
        size = (bases[True] + bases[False]) / 2
        sold = {
            arm: float(_sold(sales, cluster.number, 0, metric)) / bases[arm] * size for arm, cluster in both.items()
        }
        pairs.append(Pair(sold[True], sold[False]))
    return pairs


def _sold(sales: Sales, cluster: int, span: int, metric: Metric) -> Decimal:
    found = sales.get((cluster, span))
    return Decimal(0) if found is None else found[metric]


def _verdict(state: State, pairs: int, estimate: Estimate) -> Verdict:
    if state != "ended":
        return "not_yet"
    if pairs < PAIRS_MIN:
        return "too_few_pairs"
    if estimate.effect is None or estimate.chance > 1.0 - LEVEL:
        return "no_difference_shown"
    return "better" if estimate.effect > 0 else "worse"


def _figures(metric: Metric, estimate: Estimate, treated: ExactNumber, control: ExactNumber) -> MetricFigures:
    return MetricFigures(
        metric=metric,
        treated=treated,
        control=control,
        effect_percent=_percent(estimate.effect),
        effect_percent_low=_percent(estimate.low),
        effect_percent_high=_percent(estimate.high),
        chance=round(estimate.chance, 4),
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else round(share * 100, 2)
