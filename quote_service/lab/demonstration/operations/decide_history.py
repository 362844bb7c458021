"""The weeks in which prices are decided: each day's moves, looks, models, runs, people and experiments, in the order of their instants.

Nothing is made up: what is decided is what the loop's own functions make of the policies in force, of what was seen of rivals, and of
models that were learnt from what had been sold by then; and what is sold next depends on it.

Source: docs/spec/demonstration.md#decided-weeks.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple
from uuid import UUID

from quote_service.intelligence.price_decisions.operations.decide_past import decide_past
from quote_service.intelligence.price_decisions.operations.gather_facts import DecisionTerms
from quote_service.intelligence.price_decisions.operations.learn_demand import LearningTerms, SoldDay, learn_past
from quote_service.lab.demonstration.model.goods import CURRENCY, GOODS
from quote_service.lab.demonstration.model.history import EventfulHistory
from quote_service.lab.demonstration.model.market import DayOfGood
from quote_service.lab.demonstration.model.plan import AUTHOR, DemonstrationPlan
from quote_service.lab.demonstration.model.price_war import WAR_DAYS
from quote_service.lab.demonstration.model.progress import ReportProgress
from quote_service.lab.demonstration.model.sightings import sighting_at_night, sightings_of_morning
from quote_service.lab.demonstration.operations.answer_decisions import answer_decisions
from quote_service.lab.demonstration.operations.open_shop import Shop
from quote_service.lab.demonstration.operations.try_prices import PriceTests
from quote_service.lab.demonstration.operations.watch_rivals import RECENT_DAYS, Watched, record_looks
from quote_service.lab.demonstration.operations.write_policies import write_policies
from quote_service.lab.seeding.operations.write_past import move_past_prices, set_past
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.instants import to_micros
from quote_service.shop.catalog.operations.steer_price import read_steered_price

#: Prices are decided once a week, by a model that is at most two weeks old; the last run is of now.
RUN_DAYS: Final = 7
_LEARNT_DAYS: Final = 14
_EXPONENT = EXPONENTS[CURRENCY]
_TRYING, _AS_USUAL, _WAR = "Trying prices", "Back to the usual price", "Answering Copycat Coffee"


class Decided(NamedTuple):
    """Prices of each day since they are decided, in minor units, and the price experiments."""

    prices: list[list[int]]
    experiments: list[UUID]


class DecidedWeeks:
    """A shop whose prices are decided, from the day on which its history stands."""

    def __init__(
        self,
        connection: Connection,
        plan: DemonstrationPlan,
        shop: Shop,
        watched: Watched,
        history: EventfulHistory,
        terms: DecisionTerms,
        learning: LearningTerms,
    ) -> None:
        """Nothing is written yet.

        Args:
            connection: Inside a transaction in which everything earlier is written.
            plan: When the days were.
            shop: Whose products they are.
            watched: Rivals, as competitors.
            history: On the first day on which prices are decided.
            terms: Of decisions.
            learning: Of models.
        """
        self._connection, self._plan, self._shop, self._watched = connection, plan, shop, watched
        self._history, self._terms, self._learning = history, terms, learning
        self._names = dict(zip(watched.competitors, watched.names, strict=True))
        self._tests = PriceTests(connection, plan, shop.products, history.first_decided, terms)
        self._items = [(product_id, CURRENCY) for product_id in shop.products]

    async def live(self, report: ReportProgress) -> Decided:
        """Live through them until now, and sell.

        Raises:
            Conflict: A decision, or a price of an experiment, is not allowed by what is in force.
        """
        history, first, prices = self._history, self._history.first_decided, []
        author = change_by_system(AUTHOR, to_micros(self._plan.repriced(first)))
        await write_policies(Change.within(self._connection, author), self._shop.products, self._shop.categories)
        while not history.is_over:
            day = history.market.day
            await self._begin(day, history.days_sold[-len(GOODS) :])
            if self._plan.is_decided(day):
                await self._decide(day)
            prices.append(await self._asked())
            history.sell(prices[-1])
            report("days with decisions", day - first + 1, self._plan.days - first + 1)
        return Decided(prices, self._tests.experiments)

    async def _begin(self, day: int, yesterday: Sequence[DayOfGood]) -> None:
        """The night: moves that nobody decides, and the looks at rivals in the morning."""
        before = [each.price_minor for each in yesterday]
        asked = self._history.morning()
        if day == self._plan.days:
            await self._fight()
        for at, good in enumerate(GOODS):
            is_war = good.story == "price_war" and self._plan.days - day <= WAR_DAYS
            if asked[at] != before[at] and not (is_war and day == self._plan.days):
                note = _AS_USUAL if day == self._history.first_decided else _WAR if is_war else _TRYING
                await self._move(at, asked[at], note, day)
        seen = sightings_of_morning(self._plan, day, self._history.market.rivals)
        is_recent = day >= self._plan.days - RECENT_DAYS
        told_at = self._plan.now if is_recent else self._plan.watched(day)
        await record_looks(self._connection, self._watched, seen, to_micros(told_at) + (not is_recent))

    async def _move(self, good: int, price_minor: int, note: str, day: int) -> None:
        at, price = self._plan.repriced(day), Decimal(price_minor).scaleb(-_EXPONENT)
        await move_past_prices(self._connection, CURRENCY, "schedule", note, at, [self._shop.products[good]], [price])

    async def _fight(self) -> None:
        """The last night of the price war."""
        [good] = [at for at, each in enumerate(GOODS) if each.story == "price_war"]
        moves = self._history.night
        for place, move in enumerate(moves):
            at = self._plan.night(place, len(moves))
            if move.is_ours:
                price = Decimal(move.price_minor).scaleb(-_EXPONENT)
                product_id = self._shop.products[good]
                await move_past_prices(self._connection, CURRENCY, "schedule", _WAR, at, [product_id], [price])
            else:
                seen = sighting_at_night(self._plan, good, move.price_minor, at)
                await record_looks(self._connection, self._watched, [seen], to_micros(self._plan.now))

    async def _decide(self, day: int) -> None:
        """The morning: a run where one is due, what people say to it, and the prices of experiments."""
        plan, since = self._plan, day - self._history.first_decided
        if day <= plan.days - RUN_DAYS and since % RUN_DAYS == 0:
            if since % _LEARNT_DAYS == 0:
                await learn_past(self._connection, self._learning, plan.learnt(day), self._sold())
            await set_past(self._connection, plan.decided(day))
            made = await decide_past(self._connection, plan.decided(day), self._items, self._names, self._terms)
            await set_past(self._connection, plan.answered(day))
            runs = (plan.days - self._history.first_decided) // RUN_DAYS
            change = change_by_system(AUTHOR, to_micros(plan.answered(day)))
            await answer_decisions(
                Change.within(self._connection, change), made, self._shop.products, since // RUN_DAYS, runs, self._terms
            )
        await self._tests.pass_morning(day)

    def _sold(self) -> list[SoldDay]:
        """What was sold until yesterday, by product."""
        days_sold = [each for each in self._history.days_sold if each.units]
        days_sold.sort(key=lambda each: (self._shop.products[each.good], each.day))
        return [
            SoldDay(
                product_id=self._shop.products[each.good],
                currency=CURRENCY,
                day=self._plan.day(each.day).date(),
                units=each.units,
                gross_minor=each.units * each.price_minor,
                discount_minor=0,
            )
            for each in days_sold
        ]

    async def _asked(self) -> list[int]:
        """The prices of the catalog."""
        asked = []
        for product_id in self._shop.products:
            held = await read_steered_price(self._connection, product_id, CURRENCY)
            assert held is not None
            asked.append(int(held.current.scaleb(_EXPONENT)))
        return asked
