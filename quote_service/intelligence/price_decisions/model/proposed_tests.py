"""The test of a price that is proposed where sales do not say how demand answers to it. Pure.

Source: docs/spec/price-decisions.md#proposed-tests.
"""

from typing import Final, Literal
from uuid import UUID

import msgspec

from quote_service.intelligence.price_decisions.model.decide import judge_price
from quote_service.intelligence.price_decisions.model.facts import Facts, Obstacle
from quote_service.intelligence.price_decisions.model.guardrails import BASIS
from quote_service.intelligence.price_decisions.model.policies import BP_PLACES
from quote_service.intelligence.price_decisions.model.shown import shown_amount
from quote_service.platform.money.amounts import decimal_text
from quote_service.platform.money.numbers import ExactNumber, written_number

#: What holds a machine's decision, and no experiment that a person has drawn up.
NO_HINDRANCE: Final[frozenset[Obstacle]] = frozenset({"no_model", "stale_model", "not_looked_at"})
#: Half the time 5 % away from the other half is a variation of 2.5 %: enough to learn from. A little is better than nothing.
_CHANGES_BP: Final = (500, -500, 300, -300)
#: Seven pairs of periods: one more than can be distinguished from chance. Two days each, so that no weekday is always treated.
_DAYS: Final = 28
_PERIOD_HOURS: Final = 48
_WASHOUT_HOURS: Final = 4


class ProposedCluster(msgspec.Struct, frozen=True, kw_only=True):
    """Products whose prices move together."""

    name: str
    """Name of the cluster."""
    product_ids: list[UUID]
    """The product, and the other sizes of its family that can take part."""


class ProposedExperiment(msgspec.Struct, frozen=True, kw_only=True):
    """A draft of a price experiment, as `POST /api/v1/price-experiments` takes it."""

    name: str
    """Name of the experiment."""
    note: str
    """What is to be found out."""
    currency: str
    """Currency of the prices."""
    design: Literal["switchback"]
    """Each cluster is treated in one of every two periods."""
    change_percent: ExactNumber
    """By how much treated prices change."""
    metric: Literal["profit"]
    """What the experiment is decided by."""
    days: int
    """How long it runs."""
    period_hours: int
    """Length of a period."""
    washout_hours: int
    """Of each period the first hours are left out."""
    clusters: list[ProposedCluster]
    """One cluster."""


class ProposedTest(msgspec.Struct, frozen=True, kw_only=True):
    """A test of the price that would say how demand answers to it."""

    test_price: ExactNumber
    """The price in the treated periods; in the others it is `current_price`."""
    experiment: ProposedExperiment
    """The experiment to draft, and start."""


def propose_test(facts: Facts) -> ProposedTest | None:
    """The test to propose; None where nothing was ever sold, where demand is known, or where no test may be made."""
    if facts.learned is None or facts.learned.elasticity.identified:
        return None
    for change_bp in _CHANGES_BP:
        price_minor, _ = price_of_test(facts, change_bp)
        if price_minor is not None:
            return ProposedTest(
                test_price=shown_amount(price_minor, facts.exponent), experiment=_experiment(facts, change_bp)
            )
    return None


def price_of_test(facts: Facts, change_bp: int) -> tuple[int | None, str | None]:
    """The price of a product in an experiment that changes prices by so much, as near as prices that may be written go.

    Returns:
        The price; or None with what stands in the way: the bound that it is past, there or on its way back, or what else moves the
        price.
    """
    hindrance = next((each for each in facts.obstacles if each not in NO_HINDRANCE), None)
    if hindrance is not None:
        return None, hindrance
    wanted = (facts.current_minor * (BASIS + change_bp) + BASIS // 2) // BASIS
    there = judge_price(facts, wanted)
    if there.price_minor is None or there.clamped_by is not None:
        return None, there.clamped_by or (there.held_by[0] if there.held_by else "no_other_price")
    back = judge_price(msgspec.structs.replace(facts, current_minor=there.price_minor), facts.current_minor)
    if back.price_minor != facts.current_minor:
        return None, "cannot_go_back"
    return there.price_minor, None


def _experiment(facts: Facts, change_bp: int) -> ProposedExperiment:
    # Sizes replace each other: moved together they keep their order, and what one loses to another is not taken for an answer.
    sizes = () if facts.family is None else facts.family.others
    together = [
        size.product_id
        for size in sizes
        if size.facts is not None and not size.facts.is_claimed and price_of_test(size.facts, change_bp)[0] is not None
    ]
    return ProposedExperiment(
        name=f"Price test of {facts.product_id}",
        note="How does demand answer to its price?",
        currency=facts.currency,
        design="switchback",
        change_percent=written_number(decimal_text(change_bp, BP_PLACES)),
        metric="profit",
        days=_DAYS,
        period_hours=_PERIOD_HOURS,
        washout_hours=_WASHOUT_HOURS,
        clusters=[ProposedCluster(name=str(facts.product_id), product_ids=[facts.product_id, *together])],
    )
