"""What a run makes of what was decided about a price, and whether the last decision says it already.

Source: docs/spec/price-decisions.md#decisions.
"""

from typing import Final, NamedTuple

from quote_service.intelligence.price_decisions.model.decide import Decided
from quote_service.intelligence.price_decisions.model.decisions import DecisionMode, DecisionState
from quote_service.intelligence.price_decisions.model.facts import Facts
from quote_service.intelligence.price_decisions.model.guardrails import BASIS, Limits, breaker_opens
from quote_service.intelligence.price_decisions.model.policies import PolicyMode

_MODES: Final[dict[PolicyMode, DecisionMode]] = {"shadow": "shadow", "suggest": "suggest", "auto": "auto"}
#: Fewer prices than this that would move far are no fault of the whole catalog.
BREAKER_LEAST: Final = 5


class DecisionSummary(NamedTuple):
    """A decision, as far as it matters whether it is said again."""

    state: DecisionState
    mode: DecisionMode
    current_minor: int
    price_minor: int | None
    held_by: tuple[str, ...]


def summary_of(facts: Facts, decided: Decided) -> DecisionSummary:
    """What is to be recorded, by the mode of the policy in force."""
    mode = _MODES[facts.mode]
    price = decided.price_minor if decided.outcome == "set" else decided.suggested_minor
    state: DecisionState = "unchanged"
    if decided.outcome != "unchanged":
        state = "shadow" if mode == "shadow" else "held" if decided.outcome == "held" else "suggested"
    if state == "suggested" and mode == "auto":
        state = "applied"
    return DecisionSummary(state, mode, facts.current_minor, price, tuple(decided.held_by))


def repeats_last(summary: DecisionSummary, last: DecisionSummary | None) -> bool:
    """Whether the last decision of the price says the same, or a person has rejected that very price."""
    if last is None:
        return summary.state == "unchanged"  # nothing to report of a price that stays as it always was
    if last.state == "rejected" and summary.state in ("held", "suggested"):
        return (last.current_minor, last.price_minor) == (summary.current_minor, summary.price_minor)
    if summary.state == "unchanged":
        return last.state not in ("held", "suggested", "shadow")
    return summary.state != "applied" and summary == last


def breaker_is_open(moves: list[tuple[int, int]], products: int, limits: Limits) -> bool:
    """Whether so much of the catalog would move so far that nothing does.

    Args:
        moves: The price now and the price wanted of each product that would be moved.
        products: How many products the run looked at whose prices are set by themselves.
        limits: Of the policy of all products.
    """
    far = sum(abs(new - old) * BASIS > limits.breaker_move_bp * old for old, new in moves)
    return far >= BREAKER_LEAST and breaker_opens(moves, products, limits)
