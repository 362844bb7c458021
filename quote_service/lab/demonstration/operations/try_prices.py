"""Price experiments of the shop: one that has ended, one that runs, and a price that a person sets once it is over.

Source: docs/spec/demonstration.md#decided-weeks.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from quote_service.intelligence.price_decisions.model.decisions import ManualDraft
from quote_service.intelligence.price_decisions.operations.confirm_decision import decide_by_hand
from quote_service.intelligence.price_decisions.operations.gather_facts import DecisionTerms
from quote_service.intelligence.price_experiments.model.experiments import ClusterDraft, PriceExperimentDraft
from quote_service.intelligence.price_experiments.operations.carry_out_past import carry_out_past
from quote_service.intelligence.price_experiments.operations.start_experiment import begin_experiment
from quote_service.intelligence.price_experiments.operations.write_experiment import create_experiment
from quote_service.lab.demonstration.model.goods import CURRENCY, GOODS, legal
from quote_service.lab.demonstration.model.plan import AUTHOR, DemonstrationPlan
from quote_service.lab.demonstration.operations.open_shop import major
from quote_service.lab.seeding.operations.write_past import set_past
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.instants import to_micros
from quote_service.platform.system.preconditions import UNCONDITIONAL

#: Since so many days the one that runs does.
RUNNING_DAYS: Final = 5
_RUNS_FOR_DAYS: Final = 14
_BEGINS_AFTER_DAYS: Final = 2
_ENDED: Final = ("steady", "running_out", "sold_out_rival")
_RUNNING: Final = "never_moved"
_HIGHER_PERCENT, _LOWER_PERCENT = ExactNumber("10"), ExactNumber("-10")
_BY_HAND_PERCENT: Final = 105


class PriceTests:
    """The experiments, morning by morning."""

    def __init__(
        self,
        connection: Connection,
        plan: DemonstrationPlan,
        products: Sequence[UUID],
        first_decided: int,
        terms: DecisionTerms,
    ) -> None:
        """Nothing is written yet."""
        self.experiments: list[UUID] = []
        self._connection, self._plan, self._products, self._terms = connection, plan, products, terms
        self._begins = first_decided + _BEGINS_AFTER_DAYS
        # Whole pairs of days, two thirds of the decided weeks.
        self._lasts = (plan.days - first_decided) // 3 * 2 // 2 * 2
        self._runs_since = plan.days - RUNNING_DAYS

    async def pass_morning(self, day: int) -> None:
        """Begin what begins on a day, and give products the prices that they are to have on it."""
        at = self._plan.decided(day)
        await set_past(self._connection, at)
        if day == self._begins:
            await self._begin(day, self._ended())
        elif day == self._runs_since:
            await self._begin(day, self._running())
        if self._begins <= day <= self._begins + self._lasts:
            await carry_out_past(self._connection, self.experiments[0], at, self._terms)
        elif day == self._begins + self._lasts + 1:
            await self._decide_by_hand(day)
        if day >= self._runs_since:
            await carry_out_past(self._connection, self.experiments[-1], at, self._terms)

    async def _begin(self, day: int, draft: PriceExperimentDraft) -> None:
        change = change_by_system(AUTHOR, to_micros(self._plan.decided(day)))
        seed = f"{self._plan.seed}/{len(self.experiments)}"
        made = await create_experiment(Change.within(self._connection, change), draft, seed=seed)
        await begin_experiment(Change.within(self._connection, change), made.id, UNCONDITIONAL, self._terms)
        self.experiments.append(made.id)

    def _ended(self) -> PriceExperimentDraft:
        return PriceExperimentDraft(
            name="Coffee gear 10 % more expensive",
            note="Do fewer sales at a higher price earn more?",
            currency=CURRENCY,
            design="switchback",
            change_percent=_HIGHER_PERCENT,
            metric="profit",
            days=self._lasts,
            clusters=[
                ClusterDraft(name=good.name, product_ids=[product_id])
                for good, product_id in zip(GOODS, self._products, strict=True)
                if good.category == "Coffee gear" and good.story in _ENDED
            ],
        )

    def _running(self) -> PriceExperimentDraft:
        [at] = [at for at, good in enumerate(GOODS) if good.story == _RUNNING]
        return PriceExperimentDraft(
            name="Paper filters 10 % cheaper",
            note="Its price never moved, so that nothing is known of how demand answers",
            currency=CURRENCY,
            design="switchback",
            change_percent=_LOWER_PERCENT,
            metric="units",
            days=_RUNS_FOR_DAYS,
            clusters=[ClusterDraft(name=GOODS[at].name, product_ids=[self._products[at]])],
        )

    async def _decide_by_hand(self, day: int) -> None:
        """What the experiment has taught somebody."""
        [at] = [at for at, good in enumerate(GOODS) if good.story == "sold_out_rival"]
        draft = ManualDraft(
            product_id=self._products[at],
            currency=CURRENCY,
            price=major(legal(GOODS[at].usual_minor * _BY_HAND_PERCENT // 100)),
            note="A little more expensive after the experiment, while Bean & Leaf has none left",
        )
        change = change_by_system(AUTHOR, to_micros(self._plan.decided(day)))
        await decide_by_hand(Change.within(self._connection, change), draft, self._terms)
