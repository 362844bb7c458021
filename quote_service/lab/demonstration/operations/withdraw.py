"""Take a demonstration out again: rivals and what was seen of them go, products are no longer sold and no longer repriced, the price
experiment that runs is stopped, and nothing of it waits for anybody.

What was sold, decided and found stays in reports, as it does for everybody.

Source: docs/spec/demonstration.md#taking-it-out.
"""

from typing import Final
from uuid import UUID

from quote_service.intelligence.competitors.model.competitors import CompetitorDraft
from quote_service.intelligence.competitors.operations.competitors import COMPETITORS
from quote_service.intelligence.competitors.operations.write_source import delete_source
from quote_service.intelligence.price_decisions.operations.confirm_decision import supersede_waiting
from quote_service.intelligence.price_decisions.operations.gather_facts import DecisionTerms
from quote_service.intelligence.price_experiments.model.experiments import PriceExperimentState
from quote_service.intelligence.price_experiments.operations.carry_out_past import carry_out_past
from quote_service.intelligence.price_experiments.operations.write_experiment import stop_experiment
from quote_service.intelligence.signals.model.signals import Acknowledgement
from quote_service.intelligence.signals.operations.acknowledge_signal import acknowledge_signal
from quote_service.intelligence.signals.operations.read_signals import open_signals_of
from quote_service.lab.demonstration.model.goods import CURRENCY
from quote_service.lab.demonstration.model.made import Made
from quote_service.lab.demonstration.model.plan import AUTHOR
from quote_service.lab.demonstration.operations.write_policies import write_policies
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.resource.operations import replace
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import NotFound
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.shop.catalog.operations.write_product import retire_product

_WHY: Final = "The demonstration is taken out"


async def withdraw(database: Database, made: Made) -> None:
    """Withdraw all of it, in one transaction; what somebody has deleted already is no matter.

    Raises:
        Unavailable: PostgreSQL gave no answer; nothing has changed.
    """
    async with database.transaction() as connection:
        change = Change.within(connection, change_by_system(AUTHOR, now_us()))
        for experiment_id in made.experiments:
            await _stop(change, experiment_id)
        await _answer(change, made.products)
        await write_policies(change, made.products, made.categories, off=True)
        for source_id in made.sources:
            try:
                await delete_source(change, source_id, UNCONDITIONAL)
            except NotFound:
                continue
        for competitor_id, name in zip(made.competitors, made.names, strict=True):
            draft = CompetitorDraft(name=name, is_active=False)
            try:
                await replace(COMPETITORS, change, competitor_id, draft, UNCONDITIONAL)
            except NotFound:
                continue
        for product_id in made.products:
            try:
                await retire_product(change, product_id, UNCONDITIONAL)
            except NotFound:
                continue


async def _stop(change: Change, experiment_id: UUID) -> None:
    """Stop an experiment that runs, and put its prices back."""
    try:
        await stop_experiment(change, experiment_id, _WHY, UNCONDITIONAL)
    except PriceExperimentState:
        return
    await carry_out_past(change.connection, experiment_id, change.at, DecisionTerms())


async def _answer(change: Change, products: list[UUID]) -> None:
    """Nobody is to look at what waits for somebody to look at it."""
    for product_id in products:
        await supersede_waiting(change, (product_id, CURRENCY))
    for signal in await open_signals_of(change.connection, products, change.at):
        if signal.acknowledged_at is None:
            await acknowledge_signal(change, signal.id, Acknowledgement(note=_WHY))
