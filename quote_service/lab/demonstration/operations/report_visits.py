"""Report what shoppers did in the last days, as a checkout would have each evening.

Source: docs/spec/demonstration.md#what-it-leaves.
"""

from collections.abc import Sequence
from uuid import UUID

from quote_service.intelligence.behaviour.operations.report_behaviour import report_behaviour
from quote_service.lab.demonstration.model.market import DayOfGood
from quote_service.lab.demonstration.model.plan import AUTHOR, DemonstrationPlan
from quote_service.lab.demonstration.model.visits import VISITED_DAYS, visits_of
from quote_service.platform.documents.documents import Row
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.instants import to_micros


async def report_visits(
    connection: Connection, plan: DemonstrationPlan, days_sold: Sequence[DayOfGood], products: Sequence[UUID]
) -> None:
    """Report the last days; they are counted as soon as the service has read them from the bus.

    Args:
        connection: Inside a transaction.
        plan: When the days were.
        told: All days of the market.
        products: In the order of the goods.
    """
    for day in range(max(0, plan.days - VISITED_DAYS), plan.days + 1):
        of_day = [each for each in days_sold if each.day == day]
        events = visits_of(plan, day, of_day, products)
        rows = [Row(at, event, ()) for at, event in enumerate(events)]
        change = change_by_system(AUTHOR, to_micros(min(plan.day(day + 1), plan.now)))
        receipt = await report_behaviour(Change.within(connection, change), rows, by_shopper=False)
        assert not receipt.refused, receipt.refused[0]
