"""What a service makes of the market sooner or later, made now: signals of what changed, a model of demand, a run of decisions.

Source: docs/spec/demonstration.md#what-it-leaves.
"""

from quote_service.demonstration.words.tell import Tell
from quote_service.postgres.pool import Database
from quote_service.price_decisions.operations.gather_facts import DecisionTerms
from quote_service.price_decisions.operations.learn_demand import LearningTerms, learn_if_due
from quote_service.price_decisions.operations.run_decisions import run_if_due
from quote_service.signals.operations.looking.look_at_news import look_at_news
from quote_service.signals.operations.looking.look_at_sales import look_at_all_sales
from quote_service.signals.operations.looking.look_at_sources import look_at_sources


async def draw_conclusions(database: Database, terms: DecisionTerms, time_zone: str, tell: Tell) -> None:
    """Look for signals, so that what is odd is doubted before anybody decides by it; then learn, then decide.

    The service does the same by itself; where it is at it, it is left to it.

    Raises:
        Unavailable: PostgreSQL gave no answer.
    """
    while await look_at_news(database):
        pass
    await look_at_sources(database)
    await look_at_all_sales(database)
    tell("look at signals", 1, 1)
    await learn_if_due(database, LearningTerms(interval_seconds=0.0, zone=time_zone))
    tell("model of demand", 1, 1)
    await run_if_due(database, terms._replace(interval_seconds=0.0))
    tell("run of decisions", 1, 1)
