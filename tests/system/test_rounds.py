"""The rounds of background loops: when the next begins, and what is said of a server that is unavailable."""

import asyncio
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from quote_service.platform.system.errors import Conflict, QuoteServiceError, Unavailable
from quote_service.platform.system.rounds import AT_ONCE, more_if, repeat_rounds

Outcome = float | None | Exception


class Ended(Exception):
    """There is nothing more to do in a test."""


async def rounds_of(outcomes: list[Outcome], refusals: type[QuoteServiceError] = Unavailable) -> list[object]:
    """What happens in turn while rounds end so: the number of each round, and the seconds that were waited."""
    happened: list[object] = []
    left: Iterator[Outcome] = iter(outcomes)

    async def work() -> float | None:
        outcome = next(left, Ended())
        happened.append("round")
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def pause(seconds: float) -> None:
        happened.append(seconds)

    with pytest.raises(Ended):
        await repeat_rounds("not_done", work, 7.0, pause, refusals=refusals, of="things")
    return happened


def test_a_round_that_leaves_work_behind_is_followed_at_once() -> None:
    happened = asyncio.run(rounds_of([more_if(True), AT_ONCE, more_if(False)]))
    assert happened == ["round", "round", "round", 7.0, "round"]


def test_what_is_due_later_than_a_round_waits_for_a_round() -> None:
    assert asyncio.run(rounds_of([60.0, None])) == ["round", 7.0, "round", 7.0, "round"]


def test_each_reason_is_logged_once_until_a_round_is_done() -> None:
    away, other = Unavailable("PostgreSQL is unavailable"), Unavailable("Redis is unavailable")
    with capture_logs() as logs:
        happened = asyncio.run(rounds_of([away, away, other, None, other]))
    assert happened == ["round", 7.0] * 5 + ["round"]
    assert [(line["event"], line["reason"], line["of"]) for line in logs] == [
        ("not_done", "PostgreSQL is unavailable", "things"),
        ("not_done", "Redis is unavailable", "things"),
        ("not_done", "Redis is unavailable", "things"),
    ]


def test_a_loop_goes_on_after_the_refusals_that_are_named() -> None:
    with pytest.raises(Conflict):
        asyncio.run(repeat_rounds("not_done", refused, 7.0))
    with capture_logs() as logs:
        asyncio.run(rounds_of([Conflict("It is there already")], QuoteServiceError))
    assert [line["reason"] for line in logs] == ["It is there already"]


async def refused() -> None:
    raise Conflict("It is there already")
