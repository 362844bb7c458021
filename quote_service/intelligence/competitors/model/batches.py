"""A fetch that takes many requests: how each ended, when to stop, and where the next fetch begins.

Source: docs/spec/competitors.md#apis.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from quote_service.intelligence.competitors.model.outcomes import Outcome

#: After so many requests in a row without an answer, or with one that reports trouble, the others would have none either.
UNANSWERED_MAX: Final = 3
_TROUBLE: Final[frozenset[Outcome]] = frozenset({"timeout", "unreachable"})
#: What was asked for is not there, which is an answer.
_ANSWERED: Final[frozenset[Outcome]] = frozenset({"ok", "not_modified", "no_price", "gone"})


class FetchBatch(msgspec.Struct, frozen=True, kw_only=True):
    """Requests of a fetch, one behind the other, that ended alike."""

    first_item: int
    """Place of their first item among the `items` of the source, from 1."""
    last_item: int
    """Place of their last item."""
    outcome: Outcome
    """How they ended."""
    detail: str
    """What there is to say of it."""
    offers: int
    """How many offers were read."""


class Course(NamedTuple):
    """What came of all requests of a fetch: its outcome, and where the next one begins.

    Attributes:
        is_complete: Whether nothing was left to ask for.
        next_batch: Number of the batch, from 0.
    """

    outcome: Outcome
    detail: str
    is_complete: bool
    next_batch: int


def order_of_batches(items: int, size: int, begin: int) -> list[int]:
    """The numbers of all batches, from the one where a fetch begins, and round to the one before it."""
    count = -(-items // size)
    begin = begin if begin < count else 0
    return [*range(begin, count), *range(begin)]


def has_to_stop(outcomes: Sequence[Outcome], retry_after_seconds: float) -> bool:
    """Whether a fetch ends after these requests: it is refused or asked to wait, or there is nobody who answers."""
    recent = outcomes[-UNANSWERED_MAX:]
    is_away = len(recent) == UNANSWERED_MAX and all(outcome in _TROUBLE for outcome in recent)
    return outcomes[-1] == "blocked" or retry_after_seconds > 0 or is_away


def sum_up(batches: Sequence[FetchBatch], order: Sequence[int]) -> Course:
    """How a fetch ended whose requests ended so.

    Args:
        batches: In the order in which they were asked for; at least one.
        order: Of all that were to be asked for, as `order_of_batches`.
    """
    failed = [batch for batch in batches if batch.outcome not in _ANSWERED]
    detail = "; ".join(
        f"items {each.first_item} to {each.last_item}: {_described(each)}" for each in batches if _described(each)
    )
    if len(batches) < len(order) or batches[-1].outcome == "blocked":
        # Where the first request of a fetch is refused each time, the others would never have their turn.
        stopped = max(len(batches) - 1, 1) % len(order)
        return Course(batches[-1].outcome, detail, False, order[stopped])
    if failed:
        return Course(failed[0].outcome, detail, True, 0)
    is_ok = any(batch.offers for batch in batches)
    return Course("ok" if is_ok else batches[-1].outcome, detail, True, 0)


def joined(batches: Sequence[FetchBatch]) -> list[FetchBatch]:
    """Batches with those as one that follow each other and ended alike: a thousand that went well are one."""
    found: list[FetchBatch] = []
    for batch in batches:
        last = found[-1] if found else None
        if last is not None and _is_continued(last, batch):
            found[-1] = msgspec.structs.replace(last, last_item=batch.last_item, offers=last.offers + batch.offers)
        else:
            found.append(batch)
    return found


def _is_continued(last: FetchBatch, batch: FetchBatch) -> bool:
    return (last.outcome, last.detail, last.last_item + 1) == (batch.outcome, batch.detail, batch.first_item)


def _described(batch: FetchBatch) -> str:
    return batch.detail or ("" if batch.outcome == "ok" else batch.outcome)
