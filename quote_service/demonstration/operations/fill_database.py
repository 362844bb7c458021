"""Put the market into a database: the history in one transaction, orders by days, then what follows from them.

Whoever is interrupted goes on where it was: each step leaves what is there already as it is.

Source: docs/spec/demonstration.md#what-it-leaves.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec

from quote_service.analytics.operations.count_sales import count_sales
from quote_service.analytics.operations.measure_sales import measure_waiting
from quote_service.competitors.operations.credentials_seal import CredentialsSeal
from quote_service.demonstration.operations.draw_conclusions import draw_conclusions
from quote_service.demonstration.operations.open_shop import Shop, open_shop
from quote_service.demonstration.operations.order_history import order_history
from quote_service.demonstration.operations.report_visits import report_visits
from quote_service.demonstration.operations.sell_history import move_prices_of, sell_history
from quote_service.demonstration.operations.watch_rivals import RECENT_DAYS, Watched, tell_day, watch_rivals
from quote_service.demonstration.operations.write_policies import write_policies
from quote_service.demonstration.words.history import eventful_history
from quote_service.demonstration.words.made import Made
from quote_service.demonstration.words.market import DayOfGood, Market
from quote_service.demonstration.words.plan import AUTHOR, DemonstrationPlan
from quote_service.demonstration.words.sightings import sightings_of
from quote_service.demonstration.words.tell import Tell
from quote_service.postgres.pool import Connection, Database
from quote_service.price_decisions.operations.gather_facts import DecisionTerms
from quote_service.quotes.operations.sign_receipt import ReceiptSigner
from quote_service.seeding.operations.past_quotes import OrderKeys
from quote_service.system.changes import change_by_system
from quote_service.system.clock import now_us

_POLL_SECONDS: Final = 0.02


class Filling(NamedTuple):
    """What a filling needs beside the database.

    Attributes:
        keys: Sign quotes and receipts.
        seal: For credentials of sources; none are kept.
        terms: On which prices are decided.
        time_zone: By which reports count where nothing has been counted yet.
        tell: Told of progress.
        note: Told what was made just before it is committed, so that nothing is there that nobody has noted.
    """

    keys: OrderKeys
    seal: CredentialsSeal
    terms: DecisionTerms
    time_zone: str
    tell: Tell
    note: Callable[[Made], object]


async def fill_database(database: Database, plan: DemonstrationPlan, filling: Filling, made: Made | None) -> None:
    """Write everything, and count what was sold.

    Args:
        database: Of a service that is for demonstration.
        plan: How much, of which seed, until when.
        filling: What it needs.
        made: What an interrupted filling of the same plan noted; None for a new one.

    Raises:
        Conflict: Something of the same name is there already; nothing is written.
        Unavailable: PostgreSQL gave no answer; what is written so far stays.
    """
    market = Market(plan.seed, crowd=plan.crowd)
    told = eventful_history(market, plan.seed, plan.days)
    if made is None:
        async with database.transaction() as connection:
            shop = await open_shop(connection, plan)
            watched = await _write_prices(connection, plan, shop, told, market, filling)
            await sell_history(connection, plan, shop, told, filling.keys, filling.tell)
            await report_visits(connection, plan, told, shop.products)
            made = Made(plan, shop.products, shop.categories, watched.competitors, watched.names, watched.sources)
            filling.note(made)
    await order_history(database, plan, told, ReceiptSigner(filling.keys.receipt), filling.tell)
    await _count(database, filling)
    async with database.transaction() as connection:
        await write_policies(connection, change_by_system(AUTHOR, now_us()), made.products, made.categories)
    await draw_conclusions(database, filling.terms, filling.time_zone, filling.tell)
    filling.note(msgspec.structs.replace(made, is_finished=True))


async def _write_prices(
    connection: Connection,
    plan: DemonstrationPlan,
    shop: Shop,
    told: Sequence[DayOfGood],
    market: Market,
    filling: Filling,
) -> Watched:
    """Our prices and what was seen of rivals'; of the last days in turns, as who follows both would have heard of them."""
    recent = plan.days - RECENT_DAYS
    seen = sightings_of(plan, told, market.rivals)
    await move_prices_of(connection, plan, shop, told, 0, recent)
    watched = await watch_rivals(connection, plan, shop, seen, filling.seal)
    for day in range(recent, plan.days + 1):
        await move_prices_of(connection, plan, shop, told, day, day + 1)
        await tell_day(connection, plan, watched, seen, day)
    return watched


async def _count(database: Database, filling: Filling) -> None:
    """Count until nothing waits. The service counts at the same time; whoever does, it is counted once."""
    while True:
        if await count_sales(database, filling.time_zone):
            continue
        if not await _waits(database):
            break
        await asyncio.sleep(_POLL_SECONDS)
    filling.tell("sales counted", 1, 1)


async def _waits(database: Database) -> bool:
    return any(count for _, count in await measure_waiting(database))
