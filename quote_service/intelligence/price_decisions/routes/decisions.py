"""Price decisions and what people do with them: `/api/v1/decisions`.

Source: docs/spec/price-decisions.md#decisions-in-the-api.
"""

from typing import Annotated
from uuid import UUID

import msgspec
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
from quote_service.intelligence.price_decisions.tables.decisions import DECISION_ROWS, read_decision
from quote_service.intelligence.price_decisions.tables.runs import require_run
from quote_service.platform.callers.access import PRICE_DECIDERS, PRICE_DECISION_READERS, PRICE_LIMITS_READERS
from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.http.checked_filters import check_filters, check_named
from quote_service.platform.http.endpoints.connections import CreatingChange, Reading, WritingChange
from quote_service.platform.http.endpoints.endpoint import get, post
from quote_service.platform.http.endpoints.parameters import OptionalBody
from quote_service.platform.http.endpoints.results import Location, Tagged
from quote_service.platform.http.lists.listing import ListAnswer, Listing, ListRequest
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.changes import Author
from quote_service.platform.system.errors import Invalid
from quote_service.platform.system.preconditions import Precondition
from quote_service.shop.catalog.model.price_changes import Instant
from quote_service.shop.catalog.operations.require_product import require_product


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
    access=PRICE_DECIDERS,
    message="Price set",
    location=Location("/api/v1/decisions/{id}", "The decision."),
    problems=(PriceMovedSince, PriceOutsideBounds),
    faults=draft_faults,
)
async def decide_manually(change: CreatingChange, settings: Settings, data: ManualDraft) -> Tagged[DecisionDetail]:
    """Decide on a price.

    Sets the price of a product, inside the bounds of the policy in force, and confirms it: later decisions are measured against
    it. What waited for a person is superseded.
    """
    return await decide_by_hand(change, data, terms_of(settings))


async def _check(_: Connection, asked: DecisionFilters) -> None:
    check_filters(asked.currency, asked.since, asked.until)


async def _check_named(connection: Connection, asked: DecisionFilters) -> None:
    await check_named(connection, product_id=(require_product, asked.product_id), run_id=(require_run, asked.run_id))


@get(access=PRICE_DECISION_READERS, listing=Listing("decisions", DECISION_ROWS, DecisionFilters))
async def list_decisions(rows: ListRequest[DecisionRecord]) -> ListAnswer:
    """List price decisions.

    Newest first. With `state=suggested` or `state=held`, those that wait for a person.
    """
    return await rows.answer(check=_check, check_empty=_check_named)


@get("/{decision_id:uuid}", access=PRICE_LIMITS_READERS, example=examples.DECISION_DETAIL, message="Price decision")
async def show_decision(connection: Reading, decision_id: FromPath[UUID]) -> Tagged[DecisionDetail]:
    """Get a price decision.

    With what it went by, which rule set which bound, and what prices were expected to bring.
    """
    return await read_decision(connection, decision_id)


@post(
    "/{decision_id:uuid}/accept",
    status_code=200,
    access=PRICE_DECIDERS,
    example=examples.ACCEPTED,
    message="Price set",
    problems=(DecisionStateForbids, PriceMovedSince, PriceOutsideBounds),
)
async def accept_one(
    change: WritingChange,
    settings: Settings,
    decision_id: FromPath[UUID],
    data: OptionalBody[Verdict],
    precondition: Precondition,
) -> Tagged[DecisionDetail]:
    """Accept a price decision.

    Sets the price that it suggests, and confirms it. The bounds of the policy in force hold, and the price must not have moved
    since.
    """
    return await accept_decision(change, decision_id, data.note, precondition, terms_of(settings))


@post(
    "/{decision_id:uuid}/reject",
    status_code=200,
    access=PRICE_DECIDERS,
    example=examples.REJECTED,
    message="Price decision rejected",
    problems=(DecisionStateForbids,),
)
async def reject_one(
    change: WritingChange,
    decision_id: FromPath[UUID],
    data: OptionalBody[Verdict],
    precondition: Precondition,
) -> Tagged[DecisionDetail]:
    """Reject a price decision.

    The price stays. The same price is not suggested again while it is what it is now.
    """
    return await reject_decision(change, decision_id, data.note, precondition)


@post(
    "/roll-back",
    status_code=200,
    access=PRICE_DECIDERS,
    message="Prices rolled back",
    is_import=True,
)
async def roll_back_prices(
    change: Author, database: Database, settings: Settings, data: OptionalBody[RollBackDraft]
) -> RolledBack:
    """Roll back prices.

    Prices that decisions have moved go back to the ones that people last confirmed: all of them, or those of one product. Until
    somebody accepts a decision or writes the policy again, what would be set is only suggested.
    """
    if data.currency is not None and data.currency not in EXPONENTS:
        raise Invalid.at("/currency", "is not an ISO 4217 currency code")
    if data.product_id is not None:
        async with database.read() as connection:
            await require_named_product(connection, data.product_id)
    return await roll_back(database, change, data, terms_of(settings))
