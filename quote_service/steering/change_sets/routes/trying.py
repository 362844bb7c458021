"""Change sets as they are tried out before they are published: checked, simulated and replayed.

Source: docs/spec/change-sets.md#check-and-simulation; docs/spec/change-sets.md#replay.
"""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, post
from litestar.params import FromPath

from quote_service.platform.callers.access import CHANGE_SET_READERS
from quote_service.platform.documents.documents import envelope, read_document, read_value
from quote_service.platform.documents.exact_json import parse_json
from quote_service.platform.documents.literals import json_literal
from quote_service.platform.http.answers import one_answer
from quote_service.platform.http.callers import change_of
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.openapi.openapi_problems import OF_LIMITED_WORK
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.concurrency_limiter import CalculationLimiter
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.platform.system.instants import from_micros, to_micros
from quote_service.pricing.quote import CheckedBasket
from quote_service.pricing.sales.sale_prices import SalePrices
from quote_service.quotes.answer.unissued_quote import unissued_quote
from quote_service.quotes.operations.sample_baskets import BasketReader, sample_baskets
from quote_service.quotes.operations.simulate_quote import basket_again
from quote_service.rulebook.snapshot.operations.catch_up import once_caught_up
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from quote_service.steering.change_sets.model.change_sets import OPEN, require_status
from quote_service.steering.change_sets.model.checks import (
    BASKETS_MAX,
    ChangeSetCheck,
    ChangeSetSimulation,
    ReplayedPeriod,
    SimulatedBaskets,
)
from quote_service.steering.change_sets.model.errors import ChangeSetStateForbids
from quote_service.steering.change_sets.model.supposed import places_in_set, supposed_change
from quote_service.steering.change_sets.operations.check_change_set import check_change_set
from quote_service.steering.change_sets.operations.resulting_rulebook import resulting_rulebook
from quote_service.steering.change_sets.operations.simulate_change_set import SimulatedSet, simulate_change_set
from quote_service.steering.change_sets.routes import examples
from quote_service.steering.change_sets.tables.change_sets import read_change_set
from quote_service.steering.replay.model.replays import ReplayOrder, ReplayRecord, TooManyReplays
from quote_service.steering.replay.operations.start_replay import start_replay


class _Baskets(SimulatedBaskets, frozen=True, forbid_unknown_fields=True, kw_only=True):
    # Each is read on its own, as the request of a quote.
    baskets: Annotated[list[Any], msgspec.Meta(max_length=BASKETS_MAX)] = msgspec.field(default_factory=list)


@post(
    "/{set_id:uuid}/check",
    status_code=200,
    opt={
        "access": CHANGE_SET_READERS,
        "described": Described(
            answer=ChangeSetCheck,
            answer_example=examples.CHECK,
            message="Change set checked",
            problems=(ChangeSetStateForbids, *OF_LIMITED_WORK),
        ),
    },
)
async def check_draft_change_set(request: Request[Any, Any, Any], set_id: FromPath[UUID]) -> Response[bytes]:
    """Check a change set.

    Whether it could be published now, and what the rule check finds about the resulting rulebook that it does not find about
    the current one. Nothing is stored.
    """
    parts = parts_of(request)
    async with parts[CalculationLimiter].enter():
        report = await check_change_set(parts[Database], parts[RulebookHolder], change_of(request), set_id)
    return one_answer(report, "Change set checked")


@post(
    "/{set_id:uuid}/simulate",
    status_code=200,
    opt={
        "access": CHANGE_SET_READERS,
        "described": Described(
            body=SimulatedBaskets,
            body_example=examples.BASKETS,
            answer=ChangeSetSimulation,
            answer_example=examples.SIMULATION,
            message="Change set simulated",
            problems=(ChangeSetStateForbids, *OF_LIMITED_WORK),
        ),
    },
)
async def simulate_draft_change_set(request: Request[Any, Any, Any], set_id: FromPath[UUID]) -> Response[bytes]:
    """Simulate a change set.

    Prices baskets with the current rulebook and with the set: those that you give, and those of the quotes accepted last. Nothing
    is stored, and nothing counts as used.
    """
    parts, at_us = parts_of(request), now_us()
    wanted, given = _read_baskets(await request.body(), parts[BasketReader])
    database = parts[Database]
    async with database.read() as connection:
        held = await read_change_set(connection, set_id)
    require_status(held, *OPEN, "scheduled")
    instant = wanted.at or held.publish_at
    price_at_us = at_us if instant is None else to_micros(instant)

    async def simulate() -> SimulatedSet:
        async with parts[CalculationLimiter].enter():
            sampled = await sample_baskets(database, parts[BasketReader], wanted.sample)
            books = await resulting_rulebook(database, parts[RulebookHolder], held.contents)
            baskets = [basket_again(each) for each in given]
            return await simulate_change_set(books, parts[SalePrices].by_product, baskets, sampled, price_at_us)

    result = await once_caught_up(database, parts[RulebookHolder], simulate, ("/baskets",))
    shown = [
        {
            "now": msgspec.Raw(unissued_quote(each.now, price_at_us).encode()),
            "simulated": msgspec.Raw(unissued_quote(each.simulated, price_at_us).encode()),
            "difference": {name: msgspec.Raw(text.encode()) for name, text in each.differences.items()},
        }
        for each in result.baskets
    ]
    data = {
        "at": from_micros(price_at_us),
        "edition": held.edition,
        "changed": sum(each.is_changed for each in result.baskets),
        "left_out": result.left_out,
        "baskets": shown,
    }
    return one_answer(data, "Change set simulated")


@post(
    "/{set_id:uuid}/replay",
    status_code=202,
    opt={
        "access": CHANGE_SET_READERS,
        "described": Described(
            body=ReplayedPeriod,
            body_example=examples.REPLAY,
            answer=ReplayRecord,
            answer_example=examples.REPLAY_RECORD,
            message="Replay started",
            repeatable=True,
            problems=(ChangeSetStateForbids, TooManyReplays),
            headers={"Location": "The replay."},
        ),
    },
)
async def replay_draft_change_set(request: Request[Any, Any, Any], set_id: FromPath[UUID]) -> Response[bytes]:
    """Replay a change set.

    Prices accepted quotes again in the background, each with the rulebook of its own instant and again with the set, as if its rules
    and rates had counted then. `Location` leads to the replay, its progress and its result.
    """
    change, parts = change_of(request), parts_of(request)
    wanted = read_document(await request.body(), ReplayedPeriod)
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        held = await read_change_set(creation.connection, set_id)
        require_status(held, *OPEN, "scheduled")
        order = ReplayOrder(
            from_us=to_micros(wanted.from_),
            to_us=change.at_us if wanted.to is None else to_micros(wanted.to),
            change=supposed_change(held.contents, from_beginning=True),
            sample=wanted.sample,
            change_set_id=held.id,
            places=places_in_set(held.contents),
        )
        at_once_max = parts[Settings].replays_max
        record = await start_replay(creation.connection, change, order, at_once_max=at_once_max)
        place = {"Location": f"/api/v1/analytics/replay/{record.id}"}
        return creation.answer(202, envelope(record, "Replay started"), place)


def _read_baskets(body: bytes, reader: BasketReader) -> tuple[_Baskets, list[CheckedBasket]]:
    wanted = read_value(parse_json(body), _Baskets)
    given: list[CheckedBasket] = []
    faults: list[Fault] = []
    for index, entry in enumerate(wanted.baskets):
        try:
            given.append(reader.read(json_literal(entry).encode()))
        except Invalid as refused:
            faults += (Fault(f"/baskets/{index}{fault.pointer}", fault.detail) for fault in refused.faults)
    if faults:
        raise Invalid.because(tuple(faults))
    return wanted, given
