"""Price experiments, their clusters and products as rows.

Source: docs/spec/price-experiments.md.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from asyncpg import Record

from quote_service.intelligence.price_experiments.model.experiments import (
    ClusterDraft,
    ExperimentCluster,
    ExperimentProduct,
    NotStarted,
    PriceExperiment,
    PriceExperimentDetail,
    PriceExperimentDraft,
    State,
)
from quote_service.intelligence.price_experiments.model.running import Cluster, Product, Running
from quote_service.intelligence.price_experiments.tables.course import Sold
from quote_service.platform.money.amounts import amount_text
from quote_service.platform.money.numbers import ExactNumber, written_number
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries
from quote_service.platform.system.changes import Change
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import NotFound
from quote_service.platform.system.instants import from_micros

_QUERIES = load_queries(__file__, "experiments")
_INSERT = _QUERIES["insert_experiment"]
_INSERT_CLUSTERS = _QUERIES["insert_clusters"]
_INSERT_PRODUCTS = _QUERIES["insert_products"]
_UNKNOWN = _QUERIES["unknown_products"]
_WRITE_DRAFT = _QUERIES["write_draft"]
_DELETE_CLUSTERS = _QUERIES["delete_clusters"]
_DELETE = _QUERIES["delete_experiment"]
_LOCK = _QUERIES["lock_experiment"]
_ONE = _QUERIES["experiment"]
_PAGE = _QUERIES["page_of_experiments"]
_CLUSTERS = _QUERIES["clusters"]
_PRODUCTS = _QUERIES["products"]
_START = _QUERIES["start_experiment"]
_WRITE_ARMS = _QUERIES["write_arms"]
_WRITE_BASES = _QUERIES["write_bases"]
_WRITE_PRICES = _QUERIES["write_prices"]
_NOTE_SET = _QUERIES["note_set"]
_NOTE_NOT_RESTORED = _QUERIES["note_not_restored"]
_ASK_TO_END = _QUERIES["ask_to_end"]
_END = _QUERIES["end_experiment"]
_RUNNING = _QUERIES["running"]


async def insert_experiment(
    connection: Connection, change: Change, experiment_id: UUID, draft: PriceExperimentDraft, seed: str
) -> None:
    """Write a new draft with its clusters."""
    await connection.execute(_INSERT, experiment_id, *_of_draft(draft), seed, change.actor, from_micros(change.at_us))
    await _insert_clusters(connection, experiment_id, draft.clusters)


async def write_draft(connection: Connection, change: Change, experiment_id: UUID, draft: PriceExperimentDraft) -> None:
    """Write a held draft anew."""
    await connection.execute(_WRITE_DRAFT, experiment_id, *_of_draft(draft), change.actor, from_micros(change.at_us))
    await connection.execute(_DELETE_CLUSTERS, experiment_id)
    await _insert_clusters(connection, experiment_id, draft.clusters)


async def delete_experiment(connection: Connection, experiment_id: UUID) -> None:
    """Remove a draft."""
    await connection.execute(_DELETE, experiment_id)


async def unknown_products(connection: Connection, product_ids: Sequence[UUID], currency: str) -> set[UUID]:
    """Those of the products that have no price in the currency."""
    return {row["product_id"] for row in await connection.fetch(_UNKNOWN, product_ids, currency)}


async def read_experiment(connection: Connection, experiment_id: UUID, *, lock: bool = False) -> PriceExperimentDetail:
    """An experiment with its clusters; with `lock` kept from others until the transaction ends.

    Raises:
        NotFound: There is none.
    """
    if lock:
        await connection.execute(_LOCK, experiment_id)
    row = await connection.fetchrow(_ONE, experiment_id)
    if row is None:
        raise NotFound("There is no such price experiment")
    running = await _running(connection, row)
    return PriceExperimentDetail(
        **_shown(row),
        seed=row["seed"],
        clusters=[_shown_cluster(running, cluster, from_micros(now_us())) for cluster in running.clusters],
        not_restored=[
            NotStarted(product.product_id, product.not_restored)
            for cluster in running.clusters
            for product in cluster.products
            if product.not_restored is not None
        ],
    )


async def page_of_experiments(
    connection: Connection, *, state: State | None, before: UUID | None, limit: int
) -> list[PriceExperiment]:
    """Up to `limit` experiments, the newest first, from behind `before`."""
    return [PriceExperiment(**_shown(row)) for row in await connection.fetch(_PAGE, before, state, limit)]


async def read_running(connection: Connection, experiment_id: UUID) -> Running:
    """An experiment in the form that it is carried out and reckoned by.

    Raises:
        NotFound: There is none.
    """
    row = await connection.fetchrow(_ONE, experiment_id)
    if row is None:
        raise NotFound("There is no such price experiment")
    return await _running(connection, row)


async def running_experiments(connection: Connection) -> list[UUID]:
    """The experiments that run."""
    return [row["id"] for row in await connection.fetch(_RUNNING)]


async def start_experiment(connection: Connection, change: Change, running: Running, ends_at: datetime) -> None:
    """Write that a held draft runs from now on, with its arms and prices."""
    await connection.execute(_START, running.id, from_micros(change.at_us), ends_at, change.actor)
    clusters = running.clusters
    await connection.execute(
        _WRITE_ARMS,
        running.id,
        [cluster.number for cluster in clusters],
        [cluster.pair for cluster in clusters],
        [cluster.is_treated for cluster in clusters],
    )
    products = [product for cluster in clusters for product in cluster.products]
    await connection.execute(
        _WRITE_PRICES,
        running.id,
        [product.product_id for product in products],
        [product.exponent for product in products],
        [product.control_minor for product in products],
        [product.treated_minor for product in products],
        [product.cost_minor for product in products],
        [product.set_minor for product in products],
    )


async def write_bases(connection: Connection, experiment_id: UUID, bases: Sequence[Sold]) -> None:
    """Write what each cluster sold before, in the order of their numbers."""
    await connection.execute(
        _WRITE_BASES,
        experiment_id,
        list(range(len(bases))),
        [base.revenue for base in bases],
        [base.profit for base in bases],
        [base.units for base in bases],
    )


async def note_set(connection: Connection, experiment_id: UUID, product_id: UUID, set_minor: int) -> None:
    """Write which price the experiment has set last."""
    await connection.execute(_NOTE_SET, experiment_id, product_id, set_minor)


async def note_not_restored(connection: Connection, experiment_id: UUID, product_id: UUID, reason: str) -> None:
    """Write why a price could not go back."""
    await connection.execute(_NOTE_NOT_RESTORED, experiment_id, product_id, reason)


async def ask_to_end(connection: Connection, change: Change, experiment_id: UUID, reason: str) -> None:
    """Write that a held experiment that runs is over now, and why: its prices go back, and then it is stopped."""
    await connection.execute(_ASK_TO_END, experiment_id, from_micros(change.at_us), reason, change.actor)


async def end_experiment(connection: Connection, change: Change, experiment_id: UUID) -> None:
    """Write that a held experiment has ended, or is stopped where there is a reason."""
    await connection.execute(_END, experiment_id, from_micros(change.at_us), change.actor)


def _of_draft(draft: PriceExperimentDraft) -> tuple[object, ...]:
    return (
        draft.name,
        draft.note,
        draft.currency,
        draft.design,
        draft.change_bp,
        draft.metric,
        draft.days,
        draft.period_hours,
        draft.washout_hours,
        draft.before_days,
    )


async def _insert_clusters(connection: Connection, experiment_id: UUID, clusters: Sequence[ClusterDraft]) -> None:
    await connection.execute(_INSERT_CLUSTERS, experiment_id, [cluster.name for cluster in clusters])
    pairs = [(product_id, number) for number, each in enumerate(clusters) for product_id in each.product_ids]
    await connection.execute(
        _INSERT_PRODUCTS, experiment_id, [product_id for product_id, _ in pairs], [number for _, number in pairs]
    )


async def _running(connection: Connection, row: Record) -> Running:
    products = await connection.fetch(_PRODUCTS, row["id"])
    by_cluster = {
        number: tuple(Product(**{name: value for name, value in each.items() if name != "cluster"}) for each in found)
        for number, found in groupby(products, key=lambda each: each["cluster"])
    }
    clusters = tuple(
        Cluster(**dict(each), products=by_cluster.get(each["number"], ()))
        for each in await connection.fetch(_CLUSTERS, row["id"])
    )
    return Running(
        id=row["id"],
        state=row["state"],
        currency=row["currency"],
        design=row["design"],
        change_bp=row["change_bp"],
        metric=row["metric"],
        days=row["days"],
        period_hours=row["period_hours"],
        washout_hours=row["washout_hours"],
        before_days=row["before_days"],
        seed=row["seed"],
        started_at=row["started_at"],
        ends_at=row["ends_at"],
        clusters=clusters,
    )


_SHOWN = [name for name in PriceExperiment.__struct_fields__ if name != "change_percent"]


def _shown(row: Record) -> dict[str, Any]:
    return {**{name: row[name] for name in _SHOWN}, "change_percent": _percent(row["change_bp"])}


def _percent(basis_points: int | None) -> ExactNumber | None:
    return None if basis_points is None else written_number(amount_text(basis_points, 2))


def _shown_cluster(running: Running, cluster: Cluster, now: datetime) -> ExperimentCluster:
    runs = running.state == "running" and not running.is_over(now)
    return ExperimentCluster(
        name=cluster.name,
        pair=cluster.pair,
        is_treated=running.treated_at(cluster, now) if runs else None,
        products=[
            ExperimentProduct(
                product_id=each.product_id,
                control_price=each.shown(each.control_minor),
                treated_price=each.shown(each.treated_minor),
            )
            for each in cluster.products
        ],
    )
