"""A mistake while one request is answered is that request's alone: permits, places and the answers of others hold.

Source: docs/spec/quotes.md#limits; docs/spec/quotes.md#batches.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from quote_service.lab.embedded.valkey_server import ValkeyServer
from quote_service.platform.documents.documents import write_document
from quote_service.platform.redis_store.breaker import Breaker
from quote_service.platform.redis_store.connection import open_redis
from quote_service.platform.system.errors import TimedOut
from quote_service.quotes.operations.quote_batch import BatchTerms, quote_batch
from quote_service.quotes.operations.quote_limiter import QuoteLimiter
from quote_service.quotes.operations.quote_request import AwaitedAsker, QuoteRequest
from quote_service.quotes.reading.read_basket import STRICT
from quote_service.quotes.tables.share_quotes import Outcome, QuoteSharer
from tests.conftest import eventually
from tests.http.protocol.driven import HandLoop
from tests.quotes.fast_path.test_issuer_and_sales import NOON_US, Issuer, a_basket


class FailingFuture(asyncio.Future[None]):
    """A future that cannot be done, so that writing the answer is a mistake."""

    def set_result(self, result: None, /) -> None:
        raise ValueError("as ordered")


class Asked(NamedTuple):
    """A request, and the future that is done when it is over."""

    request: QuoteRequest
    future: asyncio.Future[None]


def request_of(
    issuer: Issuer,
    limiter: QuoteLimiter,
    loop: asyncio.AbstractEventLoop,
    body: bytes,
    *,
    at_us: int = NOON_US,
    deadline: float = math.inf,
    fails: bool = False,
) -> Asked:
    future = FailingFuture(loop=loop) if fails else loop.create_future()
    return Asked(QuoteRequest(issuer.issuer, limiter, AwaitedAsker(future), body, at_us, deadline), future)


@pytest.fixture
def loop() -> Iterator[HandLoop]:
    opened = HandLoop()
    yield opened
    opened.close()


@pytest.mark.parametrize("is_known", [False, True], ids=["priced", "found"])
@pytest.mark.parametrize("waits", [False, True], ids=["at once", "after waiting"])
def test_a_permit_is_given_back_once_when_writing_the_answer_fails(loop: HandLoop, is_known: bool, waits: bool) -> None:
    issuer, limiter = Issuer(), QuoteLimiter(loop, 2, 5)
    body = write_document(a_basket(0))
    if is_known:
        request_of(issuer, limiter, loop, body).request.run()
    assert limiter.try_enter()
    assert not waits or limiter.try_enter()
    asked = request_of(issuer, limiter, loop, body, fails=True)
    asked.request.care = STRICT  # not found by its bytes, without a permit
    try:
        asked.request.run()
        if waits:
            assert limiter.waiting == 1
            limiter.leave()
        loop.turn()
        mistake: BaseException | None = asked.future.exception()
    except ValueError as raised:
        mistake = raised
    assert str(mistake) == "as ordered"
    assert (limiter.in_use, limiter.waiting) == (1, 0), "another's permit is not given back"


def test_baskets_that_a_batch_has_no_time_for_give_their_places_up(loop: HandLoop) -> None:
    issuer, limiter = Issuer(), QuoteLimiter(loop, 1, 10)
    assert limiter.try_enter()
    terms = BatchTerms(STRICT, lambda: None, bypass=False, deadline=loop.time() + 1, timeout_seconds=60)
    quoting = loop.create_task(quote_batch(issuer.issuer, limiter, terms, [write_document(a_basket(0))] * 3))
    loop.turn()
    assert limiter.waiting == 3
    loop.pass_time(2)
    assert [type(asked.error) for asked in quoting.result()] == [TimedOut] * 3
    assert limiter.waiting == 0
    limiter.leave()
    loop.turn()
    assert (limiter.in_use, issuer.issuer.priced) == (0, 0), "nothing of it goes on"


@pytest.fixture(scope="module")
def valkey(server_folder: Path) -> Iterator[ValkeyServer]:
    with ValkeyServer(server_folder / "mistakes-valkey", append_only=False) as server:
        yield server


@pytest.fixture
async def sharer(valkey: ValkeyServer) -> AsyncIterator[QuoteSharer]:
    client = open_redis(valkey.url, 2000)
    opened = QuoteSharer(client, Breaker(), 60_000)
    yield opened
    await opened.close()
    await client.aclose()


async def test_one_askers_mistake_is_not_that_of_the_others_of_its_batch(sharer: QuoteSharer) -> None:
    reported: list[Outcome] = []

    def fail(outcome: Outcome) -> None:
        raise ValueError("as ordered")

    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)  # it is told, as it has to be
    for number, on_outcome in enumerate([reported.append, fail, reported.append, fail, reported.append]):
        sharer.share(number, b"quote", on_outcome)
    await eventually(lambda: len(reported) == 3, "the others are told")
    await sharer.finish()
    assert len(reported) == 3


@pytest.mark.parametrize("failing", [0, 1, 2])
async def test_one_askers_mistake_is_not_that_of_those_who_wait_for_the_same_quote(
    sharer: QuoteSharer, failing: int
) -> None:
    loop = asyncio.get_running_loop()
    issuer, limiter = Issuer(), QuoteLimiter(loop, 10, 0)
    issuer.issuer.sharer = sharer
    body = write_document(a_basket(0))
    asked = [request_of(issuer, limiter, loop, body, fails=number == failing) for number in range(3)]
    for each in asked:
        each.request.run()
    assert (issuer.issuer.priced, issuer.issuer.joined) == (1, 2)
    outcomes = await asyncio.gather(*(each.future for each in asked), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [
        ValueError if number == failing else type(None) for number in range(3)
    ]
    assert all(each.request.error is None for each in asked)
    assert limiter.in_use == 0
