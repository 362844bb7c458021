"""Price decisions and what people do with them: `/api/v1/decisions`.

Source: docs/spec/price-decisions.md#decisions-in-the-api.
"""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from quote_service.intelligence.price_decisions.model.decisions import (
    DecisionDetail,
    DecisionMode,
    DecisionOrigin,
    DecisionRecord,
    DecisionState,
    ManualDraft,
    RollBackDraft,
    RolledBack,
    Verdict,
)
from quote_service.intelligence.price_decisions.model.draft_faults import draft_faults
from quote_service.intelligence.price_decisions.model.errors import (
    DecisionStateForbids,
    PriceMovedSince,
    PriceOutsideBounds,
)
from quote_service.intelligence.price_decisions.operations.confirm_decision import (
    accept_decision,
    decide_by_hand,
    reject_decision,
    require_named_product,
)
from quote_service.intelligence.price_decisions.operations.decision_terms import terms_of
from quote_service.intelligence.price_decisions.operations.roll_back import roll_back
from quote_service.intelligence.price_decisions.routes import examples
from quote_service.intelligence.price_decisions.tables.decisions import DecisionFilter, page_of_decisions, read_decision
from quote_service.intelligence.price_decisions.tables.runs import require_run
from quote_service.platform.callers.access import PRICE_DECIDERS, PRICE_DECISION_READERS, require_price_bounds
from quote_service.platform.documents.documents import read_document
from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.http.answers import one_answer, page_answer, tagged_answer
from quote_service.platform.http.callers import caller_of, change_of
from quote_service.platform.http.checked_filters import check_filters, check_named
from quote_service.platform.http.cursors import read_page
from quote_service.platform.http.etags import precondition_of
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.openapi.described import VERSIONED, Described, created
from quote_service.platform.http.parts import parts_of
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import Invalid
from quote_service.shop.catalog.model.price_changes import Instant
from quote_service.shop.catalog.operations.require_product import require_product

_LIST = "decisions"


class DecisionFilters(msgspec.Struct, frozen=True):
    """Which decisions to list."""

    product_id: UUID | None = None
    """Only decisions of this product."""
    currency: str | None = None
    """Only decisions of prices in this currency."""
    state: Annotated[DecisionState | None, Renamed("status")] = None
    """Only decisions in this state, such as `suggested`."""
    mode: DecisionMode | None = None
    """Only decisions of this mode, such as `auto`."""
    origin: DecisionOrigin | None = None
    """Only decisions that came from the `loop`, a `person` or a `roll_back`."""
    run_id: UUID | None = None
    """Only decisions of this run."""
    since: Annotated[Instant | None, Renamed("from")] = None
    """Only decisions made then or later."""
    until: Annotated[Instant | None, Renamed("to")] = None
    """Only decisions made before then."""


@post(
    "/",
    opt={
        "access": PRICE_DECIDERS,
        "described": Described(
            body=ManualDraft,
            body_example=examples.MANUAL,
            answer=DecisionDetail,
            answer_example=examples.MANUAL_DETAIL,
            message="Price set",
            repeatable=True,
            problems=(PriceMovedSince, PriceOutsideBounds),
            headers=created("The decision."),
        ),
    },
)
async def decide_manually(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Decide on a price.

    Sets the price of a product, inside the bounds of the policy in force, and confirms it: later decisions are measured against
    it. What waited for a person is superseded.
    """
    draft = read_document(await request.body(), ManualDraft)
    if faults := draft_faults(draft):
        raise Invalid.because(faults)
    change = change_of(request)
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        made = await decide_by_hand(creation.connection, change, draft, terms_of(parts_of(request)[Settings]))
        return creation.created("/api/v1/decisions", made, "Price set")


@get(
    "/",
    opt={
        "access": PRICE_DECISION_READERS,
        "described": Described(
            answer=DecisionRecord, answer_example=examples.DECISION_RECORD, form="list", query=DecisionFilters
        ),
    },
)
async def list_decisions(request: Request[Any, Any, Any]) -> Response[bytes]:
    """List price decisions.

    Newest first. With `state=suggested` or `state=held`, those that wait for a person.
    """
    page = read_page(request.scope["query_string"], _LIST, DecisionFilters, tuple[UUID])
    asked = page.filters
    check_filters(asked.currency, asked.since, asked.until)
    wanted = DecisionFilter(
        product_id=asked.product_id,
        currency=asked.currency,
        state=asked.state,
        mode=asked.mode,
        origin=asked.origin,
        run_id=asked.run_id,
        since=asked.since,
        until=asked.until,
    )
    before = None if page.after is None else page.after[0]
    async with parts_of(request)[Database].transaction() as connection:
        rows = await page_of_decisions(connection, wanted, before=before, limit=page.limit + 1)
        if not rows:
            await check_named(
                connection, product_id=(require_product, asked.product_id), run_id=(require_run, asked.run_id)
            )
    return page_answer(page, _LIST, rows, lambda row: (row.id,))


@get(
    "/{decision_id:uuid}",
    opt={
        "access": PRICE_DECISION_READERS,
        "described": Described(
            answer=DecisionDetail, answer_example=examples.DECISION_DETAIL, message="Price decision", headers=VERSIONED
        ),
    },
)
async def show_decision(request: Request[Any, Any, Any], decision_id: FromPath[UUID]) -> Response[bytes]:
    """Get a price decision.

    With what it went by, which rule set which bound, and what prices were expected to bring. A key needs `prices:read` beside
    `reports:read`.
    """
    require_price_bounds(caller_of(request))
    async with parts_of(request)[Database].read() as connection:
        found = await read_decision(connection, decision_id)
    return tagged_answer(found, "Price decision", found.id, found.version)


@post(
    "/{decision_id:uuid}/accept",
    status_code=200,
    opt={
        "access": PRICE_DECIDERS,
        "described": Described(
            body=Verdict,
            body_is_required=False,
            body_example=examples.VERDICT,
            answer=DecisionDetail,
            answer_example=examples.ACCEPTED,
            message="Price set",
            conditional=True,
            problems=(DecisionStateForbids, PriceMovedSince, PriceOutsideBounds),
            headers=VERSIONED,
        ),
    },
)
async def accept_one(request: Request[Any, Any, Any], decision_id: FromPath[UUID]) -> Response[bytes]:
    """Accept a price decision.

    Sets the price that it suggests, and confirms it. The bounds of the policy in force hold, and the price must not have moved
    since.
    """
    verdict = _read_verdict(await request.body())
    terms = terms_of(parts_of(request)[Settings])
    async with parts_of(request)[Database].transaction() as connection:
        done = await accept_decision(
            connection, change_of(request), decision_id, verdict.note, precondition_of(request), terms
        )
    return tagged_answer(done, "Price set", done.id, done.version)


@post(
    "/{decision_id:uuid}/reject",
    status_code=200,
    opt={
        "access": PRICE_DECIDERS,
        "described": Described(
            body=Verdict,
            body_is_required=False,
            body_example=examples.VERDICT,
            answer=DecisionDetail,
            answer_example=examples.REJECTED,
            message="Price decision rejected",
            conditional=True,
            problems=(DecisionStateForbids,),
            headers=VERSIONED,
        ),
    },
)
async def reject_one(request: Request[Any, Any, Any], decision_id: FromPath[UUID]) -> Response[bytes]:
    """Reject a price decision.

    The price stays. The same price is not suggested again while it is what it is now.
    """
    verdict = _read_verdict(await request.body())
    async with parts_of(request)[Database].transaction() as connection:
        done = await reject_decision(
            connection, change_of(request), decision_id, verdict.note, precondition_of(request)
        )
    return tagged_answer(done, "Price decision rejected", done.id, done.version)


@post(
    "/roll-back",
    status_code=200,
    opt={
        "access": PRICE_DECIDERS,
        "is_import": True,
        "described": Described(
            body=RollBackDraft,
            body_is_required=False,
            body_example=examples.ROLL_BACK,
            answer=RolledBack,
            answer_example=examples.ROLLED_BACK,
            message="Prices rolled back",
        ),
    },
)
async def roll_back_prices(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Roll back prices.

    Prices that decisions have moved go back to the ones that people last confirmed: all of them, or those of one product. Until
    somebody accepts a decision or writes the policy again, what would be set is only suggested.
    """
    draft = read_document(await request.body() or b"{}", RollBackDraft)
    if draft.currency is not None and draft.currency not in EXPONENTS:
        raise Invalid.at("/currency", "is no currency of ISO 4217")
    parts = parts_of(request)
    if draft.product_id is not None:
        async with parts[Database].read() as connection:
            await require_named_product(connection, draft.product_id)
    done = await roll_back(parts[Database], change_of(request), draft, terms_of(parts[Settings]))
    return one_answer(done, "Prices rolled back")


def _read_verdict(body: bytes) -> Verdict:
    return read_document(body or b"{}", Verdict)
