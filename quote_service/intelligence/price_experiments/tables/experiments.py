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
)
from quote_service.intelligence.price_experiments.model.running import Cluster, Product, Running
from quote_service.intelligence.price_experiments.tables.course import Sold
from quote_service.platform.money.amounts import amount_text
from quote_service.platform.money.numbers import ExactNumber, written_number
from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.changes import Author
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import NotFound
from quote_service.platform.system.instants import from_micros

STATEMENTS = Statements(__file__, "experiments")


def _shown(row: Record) -> dict[str, Any]:
    return {**{name: row[name] for name in _SHOWN}, "change_percent": _percent(row["change_bp"])}


def _percent(basis_points: int | None) -> ExactNumber | None:
    return None if basis_points is None else written_number(amount_text(basis_points, 2))


@STATEMENTS.query()
async def write_experiment(
    connection: Connection, change: Author, experiment_id: UUID, draft: PriceExperimentDraft, seed: str
) -> None:
    """Write a new draft without its clusters."""


@STATEMENTS.query()
async def write_terms(connection: Connection, change: Author, experiment_id: UUID, draft: PriceExperimentDraft) -> None:
    """Write a held draft again without its clusters."""


@STATEMENTS.query()
async def insert_products(connection: Connection, experiment_id: UUID, clusters: Sequence[tuple[UUID, int]]) -> None:
    """Write which products are in which clusters."""


async def insert_experiment(
    connection: Connection, change: Author, experiment_id: UUID, draft: PriceExperimentDraft, seed: str
) -> None:
    """Write a new draft with its clusters."""
    await write_experiment(connection, change, experiment_id, draft, seed)
    await _insert_clusters(connection, experiment_id, draft.clusters)


async def write_draft(connection: Connection, change: Author, experiment_id: UUID, draft: PriceExperimentDraft) -> None:
    """Write a held draft again."""
    await write_terms(connection, change, experiment_id, draft)
    await connection.execute(STATEMENTS["delete_clusters"], experiment_id)
    await _insert_clusters(connection, experiment_id, draft.clusters)


@STATEMENTS.query()
async def delete_experiment(connection: Connection, experiment_id: UUID) -> None:
    """Remove a draft."""


@STATEMENTS.query()
async def unknown_products(connection: Connection, product_ids: Sequence[UUID], currency: str) -> set[UUID]:
    """Those of the products that have no price in the currency."""


async def read_experiment(connection: Connection, experiment_id: UUID, *, lock: bool = False) -> PriceExperimentDetail:
    """An experiment with its clusters; with `lock` kept from others until the transaction ends.

    Raises:
        NotFound: There is none.
    """
    if lock:
        await connection.execute(STATEMENTS["lock_experiment"], experiment_id)
    row = await connection.fetchrow(STATEMENTS["experiment"], experiment_id)
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


async def read_running(connection: Connection, experiment_id: UUID) -> Running:
    """An experiment in the form that it is carried out and reckoned by.

    Raises:
        NotFound: There is none.
    """
    row = await connection.fetchrow(STATEMENTS["experiment"], experiment_id)
    if row is None:
        raise NotFound("There is no such price experiment")
    return await _running(connection, row)


@STATEMENTS.query()
async def running_experiments(connection: Connection) -> list[UUID]:
    """The experiments that run."""


@STATEMENTS.query()
async def write_start(connection: Connection, change: Author, running: Running, ends_at: datetime) -> None:
    """Write that a held draft runs from now on."""


@STATEMENTS.query()
async def write_arms(connection: Connection, running: Running) -> None:
    """Write which clusters are treated, and with which they are paired."""


@STATEMENTS.query()
async def write_prices(connection: Connection, experiment_id: UUID, products: Sequence[Product]) -> None:
    """Write the prices of both arms."""


async def start_experiment(connection: Connection, change: Author, running: Running, ends_at: datetime) -> None:
    """Write that a held draft runs from now on, with its arms and prices."""
    await write_start(connection, change, running, ends_at)
    await write_arms(connection, running)
    await write_prices(
        connection, running.id, [product for cluster in running.clusters for product in cluster.products]
    )


@STATEMENTS.query()
async def write_bases(connection: Connection, experiment_id: UUID, bases: Sequence[Sold]) -> None:
    """Write what each cluster sold before, in the order of their numbers."""


@STATEMENTS.query()
async def note_set(connection: Connection, experiment_id: UUID, product_id: UUID, set_minor: int) -> None:
    """Write which price the experiment has set last."""


@STATEMENTS.query()
async def note_not_restored(connection: Connection, experiment_id: UUID, product_id: UUID, reason: str) -> None:
    """Write why a price could not go back."""


@STATEMENTS.query()
async def ask_to_end(connection: Connection, change: Author, experiment_id: UUID, reason: str) -> None:
    """Write that a held experiment that runs is over now, and why: its prices go back, and then it is stopped."""


@STATEMENTS.query()
async def end_experiment(connection: Connection, change: Author, experiment_id: UUID) -> None:
    """Write that a held experiment has ended, or is stopped where there is a reason."""


async def _insert_clusters(connection: Connection, experiment_id: UUID, clusters: Sequence[ClusterDraft]) -> None:
    await connection.execute(STATEMENTS["insert_clusters"], experiment_id, [cluster.name for cluster in clusters])
    pairs = [(product_id, number) for number, each in enumerate(clusters) for product_id in each.product_ids]
    await insert_products(connection, experiment_id, pairs)


async def _running(connection: Connection, row: Record) -> Running:
    products = await connection.fetch(STATEMENTS["products"], row["id"])
    by_cluster = {
        number: tuple(Product(**{name: value for name, value in each.items() if name != "cluster"}) for each in found)
        for number, found in groupby(products, key=lambda each: each["cluster"])
    }
    clusters = tuple(
        Cluster(**dict(each), products=by_cluster.get(each["number"], ()))
        for each in await connection.fetch(STATEMENTS["clusters"], row["id"])
    )
    named = [name for name in Running.__struct_fields__ if name != "clusters"]
    return Running(**{name: row[name] for name in named}, clusters=clusters)


_SHOWN = [name for name in PriceExperiment.__struct_fields__ if name != "change_percent"]


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


EXPERIMENT_ROWS = ListedRows(
    PriceExperiment,
    STATEMENTS["experiments"],
    order="-id",
    sorts=("name", "state", "created_at"),
    search=("name",),
    make=lambda row: PriceExperiment(**_shown(row)),
)
