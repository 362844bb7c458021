"""What ways of pricing earn in the simulated market, as figures of an evaluation.

Source: docs/spec/demonstration.md#the-judge.
"""

from typing import Final

from quote_service.lab.demonstration.judging.judge import CHEAP, LEARNT, judge
from quote_service.lab.evaluation.figures import Figure

_GROUP: Final = "Repricing for twelve weeks in a market of shoppers and rivals: share of what the oracle gains"
_SEEDS: Final = (1, 2, 3)
_TARGET: Final = 0.9


def market_figures() -> list[Figure]:
    """The mean share of each over several markets; ours has to reach nine tenths, and nobody may do better."""
    ways = {**CHEAP, **LEARNT}
    judged = [judge(seed, ways) for seed in _SEEDS]
    means = {
        name: sum(one[name].share for one in judged) / len(judged) for name in ways if name not in ("keep", "oracle")
    }
    best_other = max(share for name, share in means.items() if name != "ours")
    return [
        *(Figure(_GROUP, name, share, _TARGET if name == "ours" else None) for name, share in means.items()),
        Figure(_GROUP, "ours beside the best of the others", means["ours"] - best_other, 0.0),
    ]
