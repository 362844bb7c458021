"""What hands out a flag's decisions, made beforehand by `compiled_flag.py`: a quote calls one of these for each of its flags.

Source: docs/spec/feature-flags.md#evaluation.
"""

from collections.abc import Callable

from quote_service.pricing.flags.bucketing.deal import Deal
from quote_service.pricing.flags.decision import Decision, Subject

Evaluate = Callable[[Subject], Decision]


def same_for_all(decision: Decision) -> Evaluate:
    """One decision for everybody."""
    return lambda subject: decision


def by_customer(deal: Deal, outcomes: tuple[Decision, ...], no_unit: Decision) -> Evaluate:
    """The outcome that the customer's id is dealt; `no_unit` without one."""

    def evaluate(subject: Subject) -> Decision:
        unit = subject.customer_id
        return outcomes[deal(unit)] if unit else no_unit

    return evaluate


def by_attribute(
    unit_of: Callable[[Subject], str | None], deal: Deal, outcomes: tuple[Decision, ...], no_unit: Decision
) -> Evaluate:
    """The outcome that another unit is dealt; `no_unit` where there is none, or an empty one."""

    def evaluate(subject: Subject) -> Decision:
        unit = unit_of(subject)
        return outcomes[deal(unit)] if unit else no_unit

    return evaluate


def by_choice(chosen_for: dict[str, Decision], by_group: dict[str, Decision], otherwise: Evaluate) -> Evaluate:
    """What was given to the customer by name, then to the group, before everything else."""

    def evaluate(subject: Subject) -> Decision:
        # A subject without a group asks for None, which is no key and finds nothing.
        chosen = chosen_for.get(subject.customer_id) or by_group.get(subject.ab_test_group)  # type: ignore[arg-type]
        return chosen or otherwise(subject)

    return evaluate
