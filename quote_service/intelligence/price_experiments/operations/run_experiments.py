"""Carry price experiments out: each product has the price of its arm, and the price it had before once the experiment is over.

A price is moved in a transaction of its own, in which the experiment is held and the price is looked at again: any number of workers
may try, and one that is killed leaves nothing half done. A price that is not the one that the experiment has set belongs to whoever
moved it: it stays, and the experiment is over.

Source: docs/spec/price-experiments.md#course.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import structlog

from quote_service.intelligence.price_decisions.model.decide import judge_price
from quote_service.intelligence.price_decisions.operations.claim_products import release_products
from quote_service.intelligence.price_decisions.operations.confirm_decision import apply_by_hand
from quote_service.intelligence.price_decisions.operations.gather_facts import DecisionTerms, gather_facts
from quote_service.intelligence.price_decisions.operations.set_price import hold_item
from quote_service.intelligence.price_experiments.model.experiments import PriceExperimentDetail
from quote_service.intelligence.price_experiments.model.running import Product, Running
from quote_service.intelligence.price_experiments.tables.course import mixed_up
from quote_service.intelligence.price_experiments.tables.experiments import (
    ask_to_end,
    end_experiment,
    note_not_restored,
    note_set,
    read_experiment,
    read_running,
    running_experiments,
)
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.postgres.sqlstates import concerns_transaction
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.crash_points import crash_point
from quote_service.platform.system.errors import Unavailable
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.traces import traced_work

_log = structlog.get_logger(__name__)

_AUTHOR = "price experiment"
_MOVED = "its price was changed by somebody else"
_NOT_SOLD = "it is not sold any more"


@traced_work("carry out price experiments")
async def carry_out(database: Database, terms: DecisionTerms) -> list[UUID]:
    """Give every product of every experiment that runs the price it is to have now.

    An experiment of which somebody holds a product waits for the next round, and keeps no other from its turn.

    Returns:
        The experiments that came to their end.

    Raises:
        Unavailable: PostgreSQL is unavailable; the next round goes on.
    """
    async with database.read() as connection:
        ids = await running_experiments(connection)
    ended = []
    for experiment_id in ids:
        try:
            if await _carry_out(database, experiment_id, terms):
                ended.append(experiment_id)
        except Unavailable as failure:
            if not concerns_transaction(failure):
                raise
            _log.warning("price_experiment_waits", price_experiment_id=str(experiment_id), reason=failure.detail)
    return ended


async def _carry_out(database: Database, experiment_id: UUID, terms: DecisionTerms) -> bool:
    """One experiment; true where it came to its end."""
    async with database.read() as connection:
        running = await read_running(connection, experiment_id)
    now = from_micros(now_us())
    if running.is_over(now):
        for product in still_treated(running):
            await _put_back(database, running.id, product.product_id, terms)
            crash_point("after_price_put_back")
        return await _end(database, experiment_id)
    if await _is_mixed_up(database, experiment_id):
        return False  # the next round puts its prices back
    for product, wanted in to_move(running, now):
        if not await _move(database, experiment_id, product.product_id, wanted, terms):
            break
        crash_point("after_price_of_experiment")
    return False


async def seconds_to_change(database: Database) -> float | None:
    """How long until an experiment has anything to do; None where none runs."""
    async with database.read() as connection:
        running = [await read_running(connection, each) for each in await running_experiments(connection)]
    now = from_micros(now_us())
    return min(((each.next_change(now) - now).total_seconds() for each in running), default=None)


def to_move(running: Running, now: datetime) -> Iterator[tuple[Product, int]]:
    """Products that are to have another price at an instant, with that price."""
    for cluster in running.clusters:
        treated = running.treated_at(cluster, now)
        for product in cluster.products:
            wanted = running.wanted_minor(product, treated=treated)
            if wanted is not None and wanted != product.set_minor:
                yield product, wanted


def still_treated(running: Running) -> Iterator[Product]:
    """Products whose price is not the one that they had at the start."""
    for cluster in running.clusters:
        for product in cluster.products:
            if product.set_minor != product.control_minor and product.set_minor is not None:
                yield product


async def _move(database: Database, experiment_id: UUID, product_id: UUID, wanted: int, terms: DecisionTerms) -> bool:
    """Set the price of a product; false where the experiment is over, be it for this."""
    async with database.transaction() as connection:
        held = await _held(connection, experiment_id, product_id)
        if held is None or held[0].is_over(from_micros(now_us())):
            return False
        running, product = held
        obstacle = await give_price(connection, running, product, wanted, terms, now_us())
        if obstacle is not None:
            await _stop(connection, experiment_id, product_id, obstacle)
        return obstacle is None


async def _is_mixed_up(database: Database, experiment_id: UUID) -> bool:
    """Whether somebody else has moved a price, or a product is not sold any more; then the experiment is over."""
    async with database.read() as connection:
        if await mixed_up(connection, experiment_id) is None:
            return False
    async with database.transaction() as connection:
        shown = await read_experiment(connection, experiment_id, lock=True)
        found = await mixed_up(connection, experiment_id)
        if found is None or shown.state != "running" or shown.reason is not None:
            return False
        await _stop(connection, experiment_id, found.product_id, _MOVED if found.is_sold else _NOT_SOLD)
        return True


async def _stop(connection: Connection, experiment_id: UUID, product_id: UUID, obstacle: str) -> None:
    before = await read_experiment(connection, experiment_id)
    change = change_by_system(_AUTHOR, now_us())
    await ask_to_end(connection, change, experiment_id, f"Product {product_id}: {obstacle}")
    after = await read_experiment(connection, experiment_id)
    await Change.within(connection, change).record("price_experiment.stop", before, after)


async def _put_back(database: Database, experiment_id: UUID, product_id: UUID, terms: DecisionTerms) -> None:
    async with database.transaction() as connection:
        held = await _held(connection, experiment_id, product_id)
        if held is None:
            return
        running, product = held
        assert product.control_minor is not None
        if product.set_minor == product.control_minor or product.not_restored is not None:
            return
        obstacle = await give_price(connection, running, product, product.control_minor, terms, now_us())
        if obstacle is not None:
            await note_not_restored(connection, experiment_id, product_id, obstacle)


async def _held(connection: Connection, experiment_id: UUID, product_id: UUID) -> tuple[Running, Product] | None:
    """An experiment that runs and one of its products, as they are now; both are held until the transaction ends."""
    shown = await read_experiment(connection, experiment_id, lock=True)
    if shown.state != "running":
        return None
    running = await read_running(connection, experiment_id)
    every = (product for cluster in running.clusters for product in cluster.products)
    return running, next(product for product in every if product.product_id == product_id)


async def give_price(
    connection: Connection, running: Running, product: Product, wanted: int, terms: DecisionTerms, at_us: int
) -> str | None:
    """Set a price of an experiment that is held as of an instant, or tell what stands in the way."""
    if product.set_minor == wanted:
        return None
    item = (product.product_id, running.currency)
    held = await hold_item(connection, item)
    facts = (await gather_facts(connection, [item], terms)).get(item)
    if held is None or facts is None or "not_sold" in facts.obstacles:
        return _NOT_SOLD
    if facts.current_minor != product.set_minor:
        return _MOVED
    decided = judge_price(facts, wanted)
    if decided.price_minor != wanted:
        rule = decided.clamped_by or (decided.held_by[0] if decided.held_by else "price_points")
        return f"the price is not allowed any more: {rule.replace('_', ' ')}"
    change = change_by_system(_AUTHOR, at_us)
    await apply_by_hand(
        Change.within(connection, change), facts, decided, wanted, "experiment", f"price experiment {running.id}"
    )
    await note_set(connection, running.id, product.product_id, wanted)
    return None


async def _end(database: Database, experiment_id: UUID) -> bool:
    async with database.transaction() as connection:
        before = await read_experiment(connection, experiment_id, lock=True)
        if before.state != "running":
            return False
        await close_experiment(connection, before, now_us())
        return True


async def close_experiment(connection: Connection, before: PriceExperimentDetail, at_us: int) -> None:
    """Write that an experiment that is held is over, and give its products back to the loop."""
    change = change_by_system(_AUTHOR, at_us)
    await end_experiment(connection, change, before.id)
    await release_products(connection, before.id)
    await Change.within(connection, change).record(
        "price_experiment.end", before, await read_experiment(connection, before.id)
    )
