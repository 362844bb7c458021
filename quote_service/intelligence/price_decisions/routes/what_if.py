"""What would be decided: `/api/v1/decisions/what-if`, and the runs that did: `/api/v1/decisions/runs`.

Source: docs/spec/price-decisions.md#what-if; docs/spec/price-decisions.md#runs.
"""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post

from quote_service.intelligence.price_decisions.model.decisions import RunRecord, WhatIf, WhatIfDraft
from quote_service.intelligence.price_decisions.model.draft_faults import draft_faults
from quote_service.intelligence.price_decisions.operations.decision_terms import terms_of
from quote_service.intelligence.price_decisions.operations.what_if import ask_what_if
from quote_service.intelligence.price_decisions.routes import examples
from quote_service.intelligence.price_decisions.tables.runs import page_of_runs
from quote_service.platform.callers.access import PRICE_DECISION_READERS, require_price_bounds
from quote_service.platform.documents.documents import read_document
from quote_service.platform.http.answers import one_answer, page_answer
from quote_service.platform.http.callers import caller_of
from quote_service.platform.http.cursors import NoFilters, read_page
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import Invalid

_RUNS = "decision-runs"


@post(
    "/what-if",
    status_code=200,
    opt={
        "access": PRICE_DECISION_READERS,
        "described": Described(
            body=WhatIfDraft,
            body_example=examples.WHAT_IF,
            answer=WhatIf,
            answer_example=examples.WHAT_IF_ANSWER,
            message="Nothing was written",
        ),
    },
)
async def what_if(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Ask what would be decided.

    What the loop would decide about a product now, were it in `auto`, and what a price to try would bring. Nothing is written. A key
    needs `prices:read` beside `reports:read`.
    """
    require_price_bounds(caller_of(request))
    draft = read_document(await request.body(), WhatIfDraft)
    if faults := draft_faults(draft):
        raise Invalid.because(faults)
    parts = parts_of(request)
    async with parts[Database].snapshot() as connection:
        told = await ask_what_if(connection, draft, terms_of(parts[Settings]))
    return one_answer(told, "Nothing was written")


@get(
    "/runs",
    opt={
        "access": PRICE_DECISION_READERS,
        "described": Described(answer=RunRecord, answer_example=examples.RUN, form="list"),
    },
)
async def list_runs(request: Request[Any, Any, Any]) -> Response[bytes]:
    """List runs of price decisions.

    Newest first. A run looks at every product whose policy is not `off`.
    """
    page = read_page(request.scope["query_string"], _RUNS, NoFilters, tuple[UUID])
    before = None if page.after is None else page.after[0]
    async with parts_of(request)[Database].read() as connection:
        rows = await page_of_runs(connection, before=before, limit=page.limit + 1)
    return page_answer(page, _RUNS, rows, lambda row: (row.id,))
