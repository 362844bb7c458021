"""Start a price experiment: throw its coins, take its products out of the loop of decisions, and fix the prices of both arms.

All of it or nothing. Every price is judged before the start, there and back, so that no bound is found in the middle of it.

Source: docs/spec/price-experiments.md#start.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from quote_service.intelligence.price_decisions.model.facts import Facts
from quote_service.intelligence.price_decisions.model.proposed_tests import NO_HINDRANCE, price_of_test
from quote_service.intelligence.price_decisions.operations.claim_products import claim_products
from quote_service.intelligence.price_decisions.operations.gather_facts import DecisionTerms, gather_facts
from quote_service.intelligence.price_experiments.model.assignment import pair_clusters
from quote_service.intelligence.price_experiments.model.experiments import (
    NotStarted,
    PriceExperimentCannotStart,
    PriceExperimentDetail,
)
from quote_service.intelligence.price_experiments.model.running import Cluster, Product, Running
from quote_service.intelligence.price_experiments.operations.write_experiment import hold_experiment
from quote_service.intelligence.price_experiments.tables.course import NOTHING_SOLD, Sold, sold_in
from quote_service.intelligence.price_experiments.tables.experiments import (
    read_experiment,
    read_running,
    start_experiment,
    write_bases,
)
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.preconditions import Precondition


async def begin_experiment(
    change: Change, experiment_id: UUID, precondition: Precondition, terms: DecisionTerms
) -> PriceExperimentDetail:
    """Start a draft now. Prices are set by the worker from then on.

    Args:
        change: Who starts it.
        experiment_id: Which.
        precondition: The version that the person has seen.
        terms: Of price decisions.

    Raises:
        NotFound: There is none.
        Stale: It has been changed since the caller saw it.
        PriceExperimentState: It is no draft.
        PriceExperimentCannotStart: With every product that stands in the way.
    """
    before = await hold_experiment(change.connection, experiment_id, precondition, "draft")
    draft = await read_running(change.connection, experiment_id)
    started_at = change.at
    span = (started_at - timedelta(days=draft.before_days), started_at)
    with_arms = msgspec.structs.replace(draft, clusters=_arms(draft, await _sold(change.connection, draft, span)))
    ready = await _priced(change, with_arms, terms)
    await start_experiment(change.connection, change, ready, ready.end_from(started_at))
    # Once more: profit can be told now that the costs are fixed.
    await write_bases(change.connection, experiment_id, await _sold(change.connection, draft, span))
    after = await read_experiment(change.connection, experiment_id)
    await change.record("price_experiment.start", before, after)
    return after


async def _sold(connection: Connection, draft: Running, span: tuple[datetime, datetime]) -> list[Sold]:
    sold = await sold_in(connection, draft.id, draft.currency, [span])
    return [sold.get((cluster.number, 0), NOTHING_SOLD) for cluster in draft.clusters]


def _arms(draft: Running, bases: Sequence[Sold]) -> tuple[Cluster, ...]:
    if draft.design == "switchback":
        return draft.clusters
    # Before costs are fixed there is no profit to pair by; what was taken orders clusters nearly as well.
    by = [float(base.units if draft.metric == "units" else base.revenue) for base in bases]
    arms = {
        number: (place, is_treated)
        for place, pair in enumerate(pair_clusters(by, draft.seed), 1)
        for number, is_treated in zip(pair, (True, False), strict=True)
    }
    return tuple(
        msgspec.structs.replace(cluster, pair=arms[cluster.number][0], is_treated=arms[cluster.number][1])
        if cluster.number in arms
        else msgspec.structs.replace(cluster, is_treated=False)
        for cluster in draft.clusters
    )


async def _priced(change: Change, draft: Running, terms: DecisionTerms) -> Running:
    everywhere = [(product.product_id, draft.currency) for cluster in draft.clusters for product in cluster.products]
    ours = [
        (product.product_id, draft.currency)
        for cluster in draft.clusters
        if draft.change_bp is not None or not cluster.is_treated
        for product in cluster.products
    ]
    refused = [NotStarted(product_id, "claimed") for product_id, _ in await claim_products(change, ours, draft.id)]
    facts = await gather_facts(change.connection, everywhere, terms)
    clusters = []
    for cluster in draft.clusters:
        products = []
        for product in cluster.products:
            known = facts.get((product.product_id, draft.currency))
            priced, reason = _with_prices(product, known, draft.change_bp)
            products.append(priced)
            if reason is not None:
                refused.append(NotStarted(product.product_id, reason))
        clusters.append(msgspec.structs.replace(cluster, products=tuple(products)))
    if refused:
        raise PriceExperimentCannotStart(
            f"{len(refused)} of the prices cannot be part of this experiment", products=tuple(refused)
        )
    return msgspec.structs.replace(draft, clusters=tuple(clusters))


def _with_prices(product: Product, facts: Facts | None, change_bp: int | None) -> tuple[Product, str | None]:
    """A product with the prices of both arms, and what stands in the way of them."""
    if facts is None:
        return product, "not_sold"
    hindrance = next((each for each in facts.obstacles if each not in NO_HINDRANCE), None)
    if hindrance is not None:
        return product, hindrance
    if facts.cost_minor is None:
        return product, "no_cost"
    known = msgspec.structs.replace(
        product, exponent=facts.exponent, control_minor=facts.current_minor, cost_minor=facts.cost_minor
    )
    if change_bp is None:
        return known, None
    treated_minor, reason = price_of_test(facts, change_bp)
    if treated_minor is None:
        return product, reason
    return msgspec.structs.replace(known, treated_minor=treated_minor, set_minor=facts.current_minor), None
