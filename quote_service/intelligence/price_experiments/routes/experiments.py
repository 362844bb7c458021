"""Price experiments: `/api/v1/price-experiments`.

Source: docs/spec/price-experiments.md.
"""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post, put
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
from quote_service.intelligence.price_experiments.tables.experiments import page_of_experiments, read_experiment
from quote_service.platform.callers.access import PRICE_DECIDERS, PRICE_DECISION_READERS
from quote_service.platform.documents.documents import read_document
from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.http.answers import one_answer, page_answer, tagged_answer
from quote_service.platform.http.callers import change_of
from quote_service.platform.http.cursors import read_page
from quote_service.platform.http.etags import precondition_of
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.openapi.described import VERSIONED, Described, created
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import Invalid

_LIST = "price-experiments"


class ExperimentFilters(msgspec.Struct, frozen=True):
    """Which price experiments to list."""

    state: Annotated[State | None, Renamed("status")] = None
    """Only experiments of this state, such as `running`."""


@post(
    "/",
    opt={
        "access": PRICE_DECIDERS,
        "described": Described(
            body=PriceExperimentDraft,
            body_example=examples.DRAFT,
            answer=PriceExperimentDetail,
            answer_example=examples.DETAIL,
            message="Price experiment created",
            repeatable=True,
            headers=created("The experiment."),
        ),
    },
)
async def create_price_experiment(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Create a price experiment.

    A draft: no price changes before you start it. Treated are clusters of products or stretches of time, never single visitors,
    so everybody sees the same price at the same time.
    """
    change = change_of(request)
    draft = await _read_draft(request)
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        made = await create_experiment(creation.connection, change, draft)
        return creation.created("/api/v1/price-experiments", made, "Price experiment created")


@get(
    "/",
    opt={
        "access": PRICE_DECISION_READERS,
        "described": Described(
            answer=PriceExperiment, answer_example=examples.RECORD, form="list", query=ExperimentFilters
        ),
    },
)
async def list_price_experiments(request: Request[Any, Any, Any]) -> Response[bytes]:
    """List price experiments.

    Newest first.
    """
    page = read_page(request.scope["query_string"], _LIST, ExperimentFilters, tuple[UUID])
    before = None if page.after is None else page.after[0]
    async with parts_of(request)[Database].read() as connection:
        rows = await page_of_experiments(connection, state=page.filters.state, before=before, limit=page.limit + 1)
    return page_answer(page, _LIST, rows, lambda row: (row.id,))


@get(
    "/{experiment_id:uuid}",
    opt={
        "access": PRICE_DECISION_READERS,
        "described": Described(
            answer=PriceExperimentDetail, answer_example=examples.STARTED, message="Price experiment", headers=VERSIONED
        ),
    },
)
async def show_price_experiment(request: Request[Any, Any, Any], experiment_id: FromPath[UUID]) -> Response[bytes]:
    """Get a price experiment.

    With its clusters, and the prices of both arms once it has started.
    """
    async with parts_of(request)[Database].snapshot() as connection:
        found = await read_experiment(connection, experiment_id)
    return tagged_answer(found, "Price experiment", found.id, found.version)


@put(
    "/{experiment_id:uuid}",
    opt={
        "access": PRICE_DECIDERS,
        "described": Described(
            body=PriceExperimentDraft,
            body_example=examples.DRAFT,
            answer=PriceExperimentDetail,
            answer_example={**examples.DETAIL, "version": 2},
            message="Price experiment replaced",
            conditional=True,
            problems=(PriceExperimentState,),
            headers=VERSIONED,
        ),
    },
)
async def replace_price_experiment(request: Request[Any, Any, Any], experiment_id: FromPath[UUID]) -> Response[bytes]:
    """Replace a price experiment.

    Only while it is a draft.
    """
    draft = await _read_draft(request)
    async with parts_of(request)[Database].transaction() as connection:
        written = await replace_experiment(
            connection, change_of(request), experiment_id, draft, precondition_of(request)
        )
    return tagged_answer(written, "Price experiment replaced", written.id, written.version)


@delete(
    "/{experiment_id:uuid}",
    status_code=204,
    opt={
        "access": PRICE_DECIDERS,
        "described": Described(form="nothing", conditional=True, problems=(PriceExperimentState,)),
    },
)
async def discard_price_experiment(request: Request[Any, Any, Any], experiment_id: FromPath[UUID]) -> Response[None]:
    """Discard a price experiment.

    Only while it is a draft.
    """
    async with parts_of(request)[Database].transaction() as connection:
        await discard_experiment(connection, change_of(request), experiment_id, precondition_of(request))
    return Response(None, status_code=204)


@post(
    "/{experiment_id:uuid}/start",
    status_code=200,
    opt={
        "access": PRICE_DECIDERS,
        "described": Described(
            answer=PriceExperimentDetail,
            answer_example=examples.STARTED,
            message="Price experiment started",
            conditional=True,
            problems=(PriceExperimentState, PriceExperimentCannotStart),
            headers=VERSIONED,
        ),
    },
)
async def start_price_experiment(request: Request[Any, Any, Any], experiment_id: FromPath[UUID]) -> Response[bytes]:
    """Start a price experiment.

    Throws the coins and fixes the prices of both arms. Its products are left alone by price decisions until it is over. It does not
    start where a price would be outside the bounds of the policy in force, or could not go back; `products` names each with the
    reason. Prices are set within seconds.
    """
    parts = parts_of(request)
    async with parts[Database].transaction() as connection:
        started = await begin_experiment(
            connection, change_of(request), experiment_id, precondition_of(request), terms_of(parts[Settings])
        )
    return tagged_answer(started, "Price experiment started", started.id, started.version)


@post(
    "/{experiment_id:uuid}/stop",
    status_code=200,
    opt={
        "access": PRICE_DECIDERS,
        "described": Described(
            body=StopDraft,
            body_example=examples.STOP,
            answer=PriceExperimentDetail,
            answer_example=examples.STOPPING,
            message="Price experiment is being stopped",
            conditional=True,
            problems=(PriceExperimentState,),
            headers=VERSIONED,
        ),
    },
)
async def stop_price_experiment(request: Request[Any, Any, Any], experiment_id: FromPath[UUID]) -> Response[bytes]:
    """Stop a price experiment.

    Its prices go back within seconds, unless somebody else has moved them since; then its state is `stopped`. What was found until
    then is reported without a verdict.
    """
    wanted = read_document(await request.body(), StopDraft)
    async with parts_of(request)[Database].transaction() as connection:
        stopped = await stop_experiment(
            connection, change_of(request), experiment_id, wanted.reason, precondition_of(request)
        )
    return tagged_answer(stopped, "Price experiment is being stopped", stopped.id, stopped.version)


@get(
    "/{experiment_id:uuid}/report",
    opt={
        "access": PRICE_DECISION_READERS,
        "described": Described(
            answer=PriceExperimentReport, answer_example=examples.REPORT, message="Price experiment report"
        ),
    },
)
async def report_price_experiment(request: Request[Any, Any, Any], experiment_id: FromPath[UUID]) -> Response[bytes]:
    """Get the report of a price experiment.

    By how much treated prices bring more profit, revenue and units, each with a 95 % interval from what chance alone would give.
    Orders count when they were placed, but for cancelled ones; refunds are not taken off.
    """
    async with parts_of(request)[Database].snapshot() as connection:
        report = await report_experiment(connection, experiment_id)
    return one_answer(report, "Price experiment report")


async def _read_draft(request: Request[Any, Any, Any]) -> PriceExperimentDraft:
    draft = read_document(await request.body(), PriceExperimentDraft)
    faults = tuple(draft_faults(draft))
    if faults:
        raise Invalid.because(faults)
    return draft
