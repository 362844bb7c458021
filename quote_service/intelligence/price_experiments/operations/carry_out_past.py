"""Carry an experiment out as of an instant, in the caller's transaction: for a history that is put in afterwards, or taken out again.

Source: docs/spec/price-experiments.md#course.
"""

from datetime import datetime
from uuid import UUID

from quote_service.intelligence.price_decisions.operations.gather_facts import DecisionTerms
from quote_service.intelligence.price_experiments.operations.run_experiments import (
    close_experiment,
    give_price,
    still_treated,
    to_move,
)
from quote_service.intelligence.price_experiments.tables.experiments import (
    note_not_restored,
    read_experiment,
    read_running,
)
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Conflict
from quote_service.platform.system.instants import to_micros


async def carry_out_past(connection: Connection, experiment_id: UUID, at: datetime, terms: DecisionTerms) -> None:
    """Give each product the price that it was to have then; of an experiment that was over by then, the one of its start.

    Args:
        connection: Inside a transaction whose instant is set (`set_past`).
        experiment_id: An experiment that runs.
        at: Behind all that was decided before.
        terms: Of price decisions.

    Raises:
        NotFound: There is none.
        Conflict: A price cannot be set. One that cannot go back at the end is noted with the experiment.
    """
    before = await read_experiment(connection, experiment_id, lock=True)
    running = await read_running(connection, experiment_id)
    is_over = running.is_over(at)
    wanted = (
        [(product, product.control_minor) for product in still_treated(running)]
        if is_over
        else list(to_move(running, at))
    )
    for product, price_minor in wanted:
        assert price_minor is not None, "it has started"
        obstacle = await give_price(connection, running, product, price_minor, terms, to_micros(at))
        if obstacle is not None and is_over:
            await note_not_restored(connection, experiment_id, product.product_id, obstacle)
        elif obstacle is not None:
            raise Conflict(f"Product {product.product_id}: {obstacle}")
    if is_over:
        await close_experiment(connection, before, to_micros(at))
