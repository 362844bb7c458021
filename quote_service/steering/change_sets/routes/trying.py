"""Change sets as they are tried out before they are published: checked, simulated and replayed.

Source: docs/spec/change-sets.md#check-and-simulation; docs/spec/change-sets.md#replay.
"""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar.params import FromPath

from quote_service.platform.callers.access import CHANGE_SET_READERS
from quote_service.platform.documents.documents import read_value
from quote_service.platform.documents.exact_json import parse_json
from quote_service.platform.documents.literals import json_literal
from quote_service.platform.http.endpoints.connections import CreatingChange
from quote_service.platform.http.endpoints.endpoint import post
from quote_service.platform.http.endpoints.parameters import RawBody
from quote_service.platform.http.endpoints.results import Location
from quote_service.platform.http.openapi.openapi_problems import OF_LIMITED_WORK
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.changes import Author
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.concurrency_limiter import CalculationLimiter
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.platform.system.instants import from_micros, to_micros
from quote_service.pricing.quote import CheckedBasket
from quote_service.pricing.sales.sale_prices import SalePrices
from quote_service.quotes.answer.unissued_quote import unissued_quote
from quote_service.quotes.operations.sample_baskets import sample_baskets
from quote_service.quotes.operations.simulate_quote import basket_again
from quote_service.quotes.reading.read_basket import STRICT, read_basket
from quote_service.rulebook.snapshot.operations.catch_up import retry_after_refresh
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
from quote_service.steering.change_sets.tables.change_sets import read_change_set
from quote_service.steering.replay.model.replays import ReplayOrder, ReplayRecord, TooManyReplays
from quote_service.steering.replay.operations.start_replay import start_replay


class _Baskets(SimulatedBaskets, frozen=True, forbid_unknown_fields=True, kw_only=True):
    # Each is read on its own, as the request of a quote.
    baskets: Annotated[list[Any], msgspec.Meta(max_length=BASKETS_MAX)] = msgspec.field(default_factory=list)


@post(
    "/{set_id:uuid}/check",
    status_code=200,
    access=CHANGE_SET_READERS,
    message="Change set checked",
    problems=(ChangeSetStateForbids, *OF_LIMITED_WORK),
)
async def check_draft_change_set(
    change: Author,
    calculation_limiter: CalculationLimiter,
    database: Database,
    rulebook_holder: RulebookHolder,
    set_id: FromPath[UUID],
) -> ChangeSetCheck:
    """Check a change set.

    Whether it could be published now, and what the rule check finds about the resulting rulebook that it does not find about
    the current one. Nothing is stored.
    """
    async with calculation_limiter.enter():
        return await check_change_set(database, rulebook_holder, change, set_id)


@post(
    "/{set_id:uuid}/simulate",
    status_code=200,
    access=CHANGE_SET_READERS,
    body=SimulatedBaskets,
    answer=ChangeSetSimulation,
    message="Change set simulated",
    problems=(ChangeSetStateForbids, *OF_LIMITED_WORK),
)
async def simulate_draft_change_set(
    data: RawBody,
    database: Database,
    calculation_limiter: CalculationLimiter,
    rulebook_holder: RulebookHolder,
    sale_prices: SalePrices,
    set_id: FromPath[UUID],
) -> dict[str, Any]:
    """Simulate a change set.

    Prices baskets with the current rulebook and with the set: those that you give, and those of the quotes accepted last. Nothing
    is stored, and nothing counts as used.
    """
    at_us = now_us()
    wanted, given = _read_baskets(data)
    async with database.read() as connection:
        held = await read_change_set(connection, set_id)
    require_status(held, *OPEN, "scheduled")
    instant = wanted.at or held.publish_at
    price_at_us = at_us if instant is None else to_micros(instant)

    async def simulate() -> SimulatedSet:
        async with calculation_limiter.enter():
            sampled = await sample_baskets(database, wanted.sample)
            books = await resulting_rulebook(database, rulebook_holder, held.contents)
            baskets = [basket_again(each) for each in given]
            return await simulate_change_set(books, sale_prices.by_product, baskets, sampled, price_at_us)

    result = await retry_after_refresh(database, rulebook_holder, simulate, ("/baskets",))
    shown = [
        {
            "now": msgspec.Raw(unissued_quote(each.now, price_at_us).encode()),
            "simulated": msgspec.Raw(unissued_quote(each.simulated, price_at_us).encode()),
            "difference": {name: msgspec.Raw(text.encode()) for name, text in each.differences.items()},
        }
        for each in result.baskets
    ]
    return {
        "at": from_micros(price_at_us),
        "edition": held.edition,
        "changed": sum(each.is_changed for each in result.baskets),
        "left_out": result.left_out,
        "baskets": shown,
    }


@post(
    "/{set_id:uuid}/replay",
    status_code=202,
    access=CHANGE_SET_READERS,
    message="Replay started",
    problems=(ChangeSetStateForbids, TooManyReplays),
    location=Location("/api/v1/analytics/replay/{id}", "The replay."),
)
async def replay_draft_change_set(
    change: CreatingChange, settings: Settings, set_id: FromPath[UUID], data: ReplayedPeriod
) -> ReplayRecord:
    """Replay a change set.

    Prices accepted quotes again in the background, each with the rulebook of its own instant and again with the set, as if its rules
    and rates had counted then. `Location` leads to the replay, its progress and its result.
    """
    held = await read_change_set(change.connection, set_id)
    require_status(held, *OPEN, "scheduled")
    order = ReplayOrder(
        from_us=to_micros(data.from_),
        to_us=change.at_us if data.to is None else to_micros(data.to),
        change=supposed_change(held.contents, from_beginning=True),
        sample=data.sample,
        change_set_id=held.id,
        places=places_in_set(held.contents),
    )
    return await start_replay(change, order, at_once_max=settings.replays_max)


def _read_baskets(body: bytes) -> tuple[_Baskets, list[CheckedBasket]]:
    wanted = read_value(parse_json(body), _Baskets)
    given: list[CheckedBasket] = []
    faults: list[Fault] = []
    for index, entry in enumerate(wanted.baskets):
        try:
            given.append(read_basket(json_literal(entry).encode(), STRICT))
        except Invalid as refused:
            faults += (Fault(f"/baskets/{index}{fault.pointer}", fault.detail) for fault in refused.faults)
    if faults:
        raise Invalid.because(tuple(faults))
    return wanted, given
