"""How a fetch ends, and what is done after it.

Source: docs/spec/competitors.md#outcomes.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

Outcome = Literal[
    "ok",
    "not_modified",
    "blocked",
    "no_price",
    "several_prices",
    "parse_error",
    "gone",
    "robots_denied",
    "timeout",
    "unreachable",
]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

#: After these the prices that are known hold on: the source has just said them.
CONFIRMING: frozenset[Outcome] = frozenset({"ok", "not_modified"})

#: What could not be had may be had later: we were asked to wait, or there was trouble. The first counts before the second.
LATER: tuple[Outcome, ...] = ("blocked", "unreachable")

OUTCOME_MEANINGS: Mapping[Outcome, str] = MappingProxyType(
    {
        "ok": "offers were read",
        "not_modified": "nothing has changed since the last fetch",
        "blocked": "the server refused access (401, 403, 429, or a page that asks for proof of a human)",
        "no_price": "there is no price on it, or none with a currency",
        "several_prices": "it has several prices, and nothing says which is meant",
        "parse_error": "it is not what it should be, or could not be read in time",
        "gone": "it is no longer there (404, 410, or it leads to another site or product)",
        "robots_denied": "robots.txt does not allow it, or could not be read",
        "timeout": "no answer came in time",
        "unreachable": "the server cannot be reached, or answers that it has trouble",
    }
)

BACK_OFF_MAX_SECONDS = 86_400.0
_BLOCKED_SECONDS = 900.0
_DOUBLINGS_MAX = 10


def outcome_of_status(status: int) -> Outcome:
    """How an answer with an HTTP status ends, as far as that says it."""
    if 200 <= status <= 299:
        return "ok"
    if status == 304:
        return "not_modified"
    if status in (404, 410):
        return "gone"
    return "blocked" if 400 <= status <= 499 else "unreachable"


def next_interval_seconds(outcome: Outcome, interval_seconds: int, failures: int) -> float:
    """When a source is fetched again, from now: after its interval; after failures twice as long each time, to a day.

    Args:
        outcome: How this fetch ended.
        interval_seconds: Of the source.
        failures: How many in a row have failed, this one included.
    """
    if outcome in CONFIRMING:
        return float(interval_seconds)
    if outcome == "gone":
        return max(BACK_OFF_MAX_SECONDS, float(interval_seconds))
    doubled = interval_seconds * 2.0 ** min(failures - 1, _DOUBLINGS_MAX)
    return max(float(interval_seconds), min(doubled, BACK_OFF_MAX_SECONDS))


def lane_pause_seconds(outcome: Outcome, refusals: int, retry_after_seconds: float) -> float:
    """How long a host is left alone after this fetch, beyond its usual pace.

    Args:
        outcome: How the fetch ended.
        refusals: How many in a row the host has refused, this one included.
        retry_after_seconds: What it asked for itself; 0 for nothing.
    """
    pause = 0.0
    if outcome == "blocked":
        pause = _BLOCKED_SECONDS * 2.0 ** min(refusals - 1, _DOUBLINGS_MAX)
    return min(max(pause, retry_after_seconds), BACK_OFF_MAX_SECONDS)


def rest_seconds(interval_seconds: int, pause_seconds: float) -> float:
    """When the rest of a fetch that had to stop is asked for: after its lane's pause, a quarter of an hour at least."""
    return min(max(pause_seconds, _BLOCKED_SECONDS), float(interval_seconds))
