"""What a service makes of the market sooner or later, made now: signals of what changed, a model of demand, a run of decisions, an
analysis of the market.

Source: docs/spec/demonstration.md#what-it-leaves.
"""

import asyncio
from typing import Final

from quote_service.intelligence.market_analysis.operations.run_analysis import AnalysisTerms, run_analysis
from quote_service.intelligence.price_decisions.operations.gather_facts import DecisionTerms
from quote_service.intelligence.price_decisions.operations.learn_demand import LearningTerms, learn_if_due
from quote_service.intelligence.price_decisions.operations.run_decisions import run_if_due
from quote_service.intelligence.signals.model.signals import Acknowledgement
from quote_service.intelligence.signals.operations.acknowledge_signal import acknowledge_signal
from quote_service.intelligence.signals.operations.looking.look_at_news import look_at_news
from quote_service.intelligence.signals.operations.looking.look_at_sales import look_at_all_sales
from quote_service.intelligence.signals.operations.looking.look_at_sources import look_at_sources
from quote_service.intelligence.signals.operations.read_signals import open_signals_of
from quote_service.lab.demonstration.model.goods import GOODS
from quote_service.lab.demonstration.model.made import Made
from quote_service.lab.demonstration.model.plan import AUTHOR
from quote_service.lab.demonstration.model.progress import ReportProgress
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.instants import from_micros

_WAITS, _WAIT_SECONDS = 120, 0.5
_ORDERED: Final = "Forty kettles are ordered, and come on Friday"


async def draw_conclusions(
    database: Database,
    terms: DecisionTerms,
    analysis: AnalysisTerms,
    time_zone: str,
    made: Made,
    report: ReportProgress,
) -> None:
    """Look for signals, so that what is odd is doubted before anybody decides by it; then learn, then decide.

    The service does the same by itself; where it is at it, it is left to it.

    Raises:
        Unavailable: PostgreSQL gave no answer.
    """
    while await look_at_news(database):
        pass
    await look_at_sources(database)
    await look_at_all_sales(database)
    await _acknowledge(database, made)
    report("look at signals", 1, 1)
    # The service may have begun to learn before everything was counted; a run by the model of two weeks ago would hold every price.
    for _ in range(_WAITS):
        if await learn_if_due(database, LearningTerms(interval_seconds=0.0, zone=time_zone)) is not None:
            break
        await asyncio.sleep(_WAIT_SECONDS)
    report("model of demand", 1, 1)
    await run_if_due(database, terms._replace(interval_seconds=0.0))
    report("run of decisions", 1, 1)
    await run_analysis(database, analysis, "all")
    report("analysis of the market", 1, 1)


async def _acknowledge(database: Database, made: Made) -> None:
    """Somebody has seen that stock runs out, and says what is done about it."""
    [product_id] = [each for each, good in zip(made.products, GOODS, strict=True) if good.story == "running_out"]
    async with database.transaction() as connection:
        at_us = now_us()
        for signal in await open_signals_of(connection, [product_id], from_micros(at_us), kinds=["low_inventory"]):
            if signal.acknowledged_at is None:
                change = change_by_system(AUTHOR, at_us)
                await acknowledge_signal(Change.within(connection, change), signal.id, Acknowledgement(note=_ORDERED))
