"""Price experiments: `/api/v1/price-experiments`.

Source: docs/spec/price-experiments.md.
"""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import FromPath

from quote_service.intelligence.price_decisions.operations.decision_terms import terms_of
from quote_service.intelligence.price_experiments.model.experiments import (
    PriceExperiment,
    PriceExperimentCannotStart,
    PriceExperimentDetail,
    PriceExperimentDraft,
    PriceExperimentState,
    State,
    StopDraft,
    draft_faults,
)
from quote_service.intelligence.price_experiments.model.report import PriceExperimentReport
from quote_service.intelligence.price_experiments.operations.report_experiment import report_experiment
from quote_service.intelligence.price_experiments.operations.start_experiment import begin_experiment
from quote_service.intelligence.price_experiments.operations.write_experiment import (
    create_experiment,
    discard_experiment,
    replace_experiment,
    stop_experiment,
)
from quote_service.intelligence.price_experiments.routes import examples
from quote_service.intelligence.price_experiments.tables.experiments import EXPERIMENT_ROWS, read_experiment
from quote_service.platform.callers.access import PRICE_DECIDERS, PRICE_DECISION_READERS
from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.http.endpoints.connections import (
    CreatingChange,
    Snapshot,
    WritingChange,
)
from quote_service.platform.http.endpoints.endpoint import delete, get, post, put
from quote_service.platform.http.endpoints.results import Location, Tagged
from quote_service.platform.http.lists.listing import ListAnswer, Listing, ListRequest
from quote_service.platform.settings import Settings
from quote_service.platform.system.preconditions import Precondition


class ExperimentFilters(msgspec.Struct, frozen=True):
    """Which price experiments to list."""

    state: Annotated[State | None, Renamed("status")] = None
    """Only experiments of this state, such as `running`."""


@post(
    access=PRICE_DECIDERS,
    example=examples.DETAIL,
    message="Price experiment created",
    location=Location("/api/v1/price-experiments/{id}", "The experiment."),
    faults=draft_faults,
)
async def create_price_experiment(change: CreatingChange, data: PriceExperimentDraft) -> Tagged[PriceExperimentDetail]:
    """Create a price experiment.

    A draft: no price changes before you start it. Treated are clusters of products or stretches of time, never single visitors,
    so everybody sees the same price at the same time.
    """
    return await create_experiment(change, data)


@get(access=PRICE_DECISION_READERS, listing=Listing("price-experiments", EXPERIMENT_ROWS, ExperimentFilters))
async def list_price_experiments(rows: ListRequest[PriceExperiment]) -> ListAnswer:
    """List price experiments.

    Newest first.
    """
    return await rows.answer()


@get("/{experiment_id:uuid}", access=PRICE_DECISION_READERS, message="Price experiment")
async def show_price_experiment(connection: Snapshot, experiment_id: FromPath[UUID]) -> Tagged[PriceExperimentDetail]:
    """Get a price experiment.

    With its clusters, and the prices of both arms once it has started.
    """
    return await read_experiment(connection, experiment_id)


@put(
    "/{experiment_id:uuid}",
    access=PRICE_DECIDERS,
    example={**examples.DETAIL, "version": 2},
    message="Price experiment replaced",
    faults=draft_faults,
    problems=(PriceExperimentState,),
)
async def replace_price_experiment(
    change: WritingChange,
    experiment_id: FromPath[UUID],
    data: PriceExperimentDraft,
    precondition: Precondition,
) -> Tagged[PriceExperimentDetail]:
    """Replace a price experiment.

    Only while it is a draft.
    """
    return await replace_experiment(change, experiment_id, data, precondition)


@delete("/{experiment_id:uuid}", access=PRICE_DECIDERS, problems=(PriceExperimentState,))
async def discard_price_experiment(
    change: WritingChange, experiment_id: FromPath[UUID], precondition: Precondition
) -> None:
    """Discard a price experiment.

    Only while it is a draft.
    """
    await discard_experiment(change, experiment_id, precondition)


@post(
    "/{experiment_id:uuid}/start",
    status_code=200,
    access=PRICE_DECIDERS,
    message="Price experiment started",
    problems=(PriceExperimentState, PriceExperimentCannotStart),
)
async def start_price_experiment(
    change: WritingChange, settings: Settings, experiment_id: FromPath[UUID], precondition: Precondition
) -> Tagged[PriceExperimentDetail]:
    """Start a price experiment.

    Throws the coins and fixes the prices of both arms. Its products are left alone by price decisions until it is over. It does not
    start where a price would be outside the bounds of the policy in force, or could not go back; `products` names each with the
    reason. Prices are set within seconds.
    """
    return await begin_experiment(change, experiment_id, precondition, terms_of(settings))


@post(
    "/{experiment_id:uuid}/stop",
    status_code=200,
    access=PRICE_DECIDERS,
    example=examples.STOPPING,
    message="Price experiment is being stopped",
    problems=(PriceExperimentState,),
)
async def stop_price_experiment(
    change: WritingChange, experiment_id: FromPath[UUID], data: StopDraft, precondition: Precondition
) -> Tagged[PriceExperimentDetail]:
    """Stop a price experiment.

    Its prices go back within seconds, unless somebody else has moved them since; then its state is `stopped`. What was found until
    then is reported without a verdict.
    """
    return await stop_experiment(change, experiment_id, data.reason, precondition)


@get("/{experiment_id:uuid}/report", access=PRICE_DECISION_READERS, message="Price experiment report")
async def report_price_experiment(connection: Snapshot, experiment_id: FromPath[UUID]) -> PriceExperimentReport:
    """Get the report of a price experiment.

    By how much treated prices bring more profit, revenue and units, each with a 95 % interval from what chance alone would give.
    Orders count when they were placed, but for cancelled ones; refunds are not taken off.
    """
    return await report_experiment(connection, experiment_id)
