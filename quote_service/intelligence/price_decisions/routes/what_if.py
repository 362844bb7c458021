"""What would be decided: `/api/v1/decisions/what-if`, and the runs that did: `/api/v1/decisions/runs`.

Source: docs/spec/price-decisions.md#what-if; docs/spec/price-decisions.md#runs.
"""

from quote_service.intelligence.price_decisions.model.decisions import RunRecord, WhatIf, WhatIfDraft
from quote_service.intelligence.price_decisions.model.draft_faults import draft_faults
from quote_service.intelligence.price_decisions.operations.decision_terms import terms_of
from quote_service.intelligence.price_decisions.operations.what_if import ask_what_if
from quote_service.intelligence.price_decisions.tables.runs import RUN_ROWS
from quote_service.platform.callers.access import PRICE_DECISION_READERS, PRICE_LIMITS_READERS
from quote_service.platform.http.endpoints.connections import Snapshot
from quote_service.platform.http.endpoints.endpoint import get, post
from quote_service.platform.http.lists.listing import ListAnswer, Listing, ListRequest
from quote_service.platform.settings import Settings


@post("/what-if", status_code=200, access=PRICE_LIMITS_READERS, message="Nothing was written", faults=draft_faults)
async def what_if(connection: Snapshot, settings: Settings, data: WhatIfDraft) -> WhatIf:
    """Ask what would be decided.

    What the loop would decide about a product now, were it in `auto`, and what a price to try would bring. Nothing is written.
    """
    return await ask_what_if(connection, data, terms_of(settings))


@get("/runs", access=PRICE_DECISION_READERS, listing=Listing("decision-runs", RUN_ROWS))
async def list_runs(rows: ListRequest[RunRecord]) -> ListAnswer:
    """List runs of price decisions.

    Newest first. A run looks at every product whose policy is not `off`.
    """
    return await rows.answer()
