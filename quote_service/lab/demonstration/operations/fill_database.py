"""Put the market into a database: the history in one transaction, orders by days, then what follows from them.

Whoever is interrupted goes on where it was: each step leaves what is there already as it is.

Source: docs/spec/demonstration.md#what-it-leaves.
"""

import asyncio
from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec

from quote_service.intelligence.competitors.operations.credentials_seal import CredentialsSeal
from quote_service.intelligence.market_analysis.operations.run_analysis import AnalysisTerms
from quote_service.intelligence.price_decisions.operations.gather_facts import DecisionTerms
from quote_service.intelligence.price_decisions.operations.learn_demand import LearningTerms
from quote_service.lab.demonstration.model.history import EventfulHistory, eventful_history
from quote_service.lab.demonstration.model.made import Made
from quote_service.lab.demonstration.model.market import Market
from quote_service.lab.demonstration.model.plan import AUTHOR, DemonstrationPlan
from quote_service.lab.demonstration.model.progress import ReportProgress
from quote_service.lab.demonstration.model.sightings import sightings_of
from quote_service.lab.demonstration.operations.decide_history import Decided, DecidedWeeks
from quote_service.lab.demonstration.operations.draw_conclusions import draw_conclusions
from quote_service.lab.demonstration.operations.open_shop import Shop, open_shop
from quote_service.lab.demonstration.operations.order_history import order_history
from quote_service.lab.demonstration.operations.report_visits import report_visits
from quote_service.lab.demonstration.operations.sell_history import move_prices_of, sell_history
from quote_service.lab.demonstration.operations.watch_rivals import Watched, watch_rivals
from quote_service.lab.demonstration.operations.write_policies import write_policies
from quote_service.lab.seeding.operations.past_quotes import OrderKeys
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.quotes.operations.sign_receipt import ReceiptSigner
from quote_service.steering.analytics.operations.count_sales import count_sales
from quote_service.steering.analytics.operations.measure_sales import measure_waiting

_POLL_SECONDS: Final = 0.02


class Filling(NamedTuple):
    """What a filling needs beside the database.

    Attributes:
        keys: Sign quotes and receipts.
        seal: For credentials of sources; none are kept.
        terms: On which prices are decided.
        analysis: Of the market.
        time_zone: By which reports count where nothing has been counted yet.
        tell: Told of progress.
        note: Told what was made just before it is committed, so that nothing is there that nobody has noted.
    """

    keys: OrderKeys
    seal: CredentialsSeal
    terms: DecisionTerms
    analysis: AnalysisTerms
    time_zone: str
    report: ReportProgress
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
    if made is None:
        async with database.transaction() as connection:
            shop = await open_shop(connection, plan)
            history = EventfulHistory(market, plan.seed, plan.days, plan.part_of_today)
            watched, decided = await _write_prices(connection, plan, shop, history, filling)
            days_sold = history.days_sold
            await sell_history(connection, plan, shop, days_sold, filling.keys, filling.report)
            await report_visits(connection, plan, days_sold, shop.products)
            made = Made(
                plan=plan,
                products=shop.products,
                categories=shop.categories,
                competitors=watched.competitors,
                names=watched.names,
                sources=watched.sources,
                decided=decided.prices,
                experiments=decided.experiments,
            )
            filling.note(made)
    else:
        days_sold = eventful_history(market, plan.seed, plan.days, plan.part_of_today, made.decided)
    await order_history(database, plan, days_sold, ReceiptSigner(filling.keys.receipt), filling.report)
    await _count(database, filling)
    async with database.transaction() as connection:
        change = Change.within(connection, change_by_system(AUTHOR, now_us()))
        await write_policies(change, made.products, made.categories, only_late=True)
    await draw_conclusions(database, filling.terms, filling.analysis, filling.time_zone, made, filling.report)
    filling.note(msgspec.structs.replace(made, is_finished=True))


async def _write_prices(
    connection: Connection, plan: DemonstrationPlan, shop: Shop, history: EventfulHistory, filling: Filling
) -> tuple[Watched, Decided]:
    """Our prices and what was seen of rivals': first all that was tried, then day by day what was decided."""
    while history.market.day < history.first_decided:
        history.sell(history.morning())
    await move_prices_of(connection, plan, shop, history.days_sold)
    seen = sightings_of(plan, history.days_sold)
    watched = await watch_rivals(connection, plan, shop, seen, history.first_decided, filling.seal)
    weeks = DecidedWeeks(connection, plan, shop, watched, history, filling.terms, LearningTerms(zone=filling.time_zone))
    return watched, await weeks.live(filling.report)


async def _count(database: Database, filling: Filling) -> None:
    """Count until nothing waits. The service counts at the same time; whoever does, it is counted once."""
    while True:
        if await count_sales(database, filling.time_zone):
            continue
        if not await _waits(database):
            break
        await asyncio.sleep(_POLL_SECONDS)
    filling.report("sales counted", 1, 1)


async def _waits(database: Database) -> bool:
    return any(count for _, count in await measure_waiting(database))
