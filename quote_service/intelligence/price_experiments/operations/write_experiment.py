"""People draft price experiments, stop them, and discard drafts.

Source: docs/spec/price-experiments.md#drafts.
"""

from secrets import token_hex
from uuid import UUID

from quote_service.intelligence.price_experiments.model.experiments import (
    PriceExperimentDetail,
    PriceExperimentDraft,
    PriceExperimentState,
    State,
)
from quote_service.intelligence.price_experiments.tables.experiments import (
    ask_to_end,
    delete_experiment,
    insert_experiment,
    read_experiment,
    unknown_products,
    write_draft,
)
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.platform.system.new_ids import new_id
from quote_service.platform.system.preconditions import Precondition


async def create_experiment(
    change: Change, draft: PriceExperimentDraft, *, seed: str | None = None
) -> PriceExperimentDetail:
    """Write a draft; nothing happens to prices before it is started.

    Args:
        change: Who writes it.
        draft: Without faults of its own (`draft_faults`).
        seed: Of its coins; one that nobody can know before, unless said otherwise.

    Raises:
        Invalid: A product is unknown, or is not sold in the currency.
    """
    await _require_products(change.connection, draft)
    experiment_id = UUID(new_id(change.at_us // 1000))
    await insert_experiment(change.connection, change, experiment_id, draft, seed or token_hex(16))
    made = await read_experiment(change.connection, experiment_id)
    await change.record("price_experiment.create", None, made)
    return made


async def replace_experiment(
    change: Change, experiment_id: UUID, draft: PriceExperimentDraft, precondition: Precondition
) -> PriceExperimentDetail:
    """Write a draft again.

    Raises:
        NotFound: There is none.
        Stale: It has been changed since the caller saw it.
        PriceExperimentState: It is no draft any more.
        Invalid: As `create_experiment`.
    """
    before = await hold_experiment(change.connection, experiment_id, precondition, "draft")
    await _require_products(change.connection, draft)
    await write_draft(change.connection, change, experiment_id, draft)
    after = await read_experiment(change.connection, experiment_id)
    await change.record("price_experiment.replace", before, after)
    return after


async def discard_experiment(change: Change, experiment_id: UUID, precondition: Precondition) -> None:
    """Remove a draft.

    Raises:
        NotFound, Stale, PriceExperimentState: As `replace_experiment`.
    """
    before = await hold_experiment(change.connection, experiment_id, precondition, "draft")
    await delete_experiment(change.connection, experiment_id)
    await change.record("price_experiment.discard", before)


async def stop_experiment(
    change: Change, experiment_id: UUID, reason: str, precondition: Precondition
) -> PriceExperimentDetail:
    """End an experiment now; the worker puts its prices back, which takes seconds. A second stop changes nothing.

    Raises:
        NotFound, Stale: As `replace_experiment`.
        PriceExperimentState: It does not run.
    """
    before = await hold_experiment(change.connection, experiment_id, precondition, "running")
    if before.reason is not None:
        return before
    await ask_to_end(change.connection, change, experiment_id, reason)
    after = await read_experiment(change.connection, experiment_id)
    await change.record("price_experiment.stop", before, after)
    return after


async def hold_experiment(
    connection: Connection, experiment_id: UUID, precondition: Precondition, state: State
) -> PriceExperimentDetail:
    """An experiment of a state, which nobody else changes until the transaction ends.

    Raises:
        NotFound, Stale: As `replace_experiment`.
        PriceExperimentState: It is of another state.
    """
    held = await read_experiment(connection, experiment_id, lock=True)
    precondition.require(str(experiment_id), held.version)
    if held.state != state:
        raise PriceExperimentState(f"This experiment is {held.state}")
    return held


async def _require_products(connection: Connection, draft: PriceExperimentDraft) -> None:
    every = [product_id for cluster in draft.clusters for product_id in cluster.product_ids]
    unknown = await unknown_products(connection, every, draft.currency)
    faults = [
        Fault(f"/clusters/{place}/product_ids/{number}", f"is no product with a price in {draft.currency}")
        for place, cluster in enumerate(draft.clusters)
        for number, product_id in enumerate(cluster.product_ids)
        if product_id in unknown
    ]
    if faults:
        raise Invalid.because(tuple(faults))
