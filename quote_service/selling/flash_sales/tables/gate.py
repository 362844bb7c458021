"""The admission gate: what one tick of the event loop wants reserved goes to Redis as one pipeline.

A command by itself costs three to five times what it costs in a pipeline. One batch is under way at a time; what comes
meanwhile is the next. On a cluster each node has a lane with batches and a breaker of its own, so that one that is unavailable
stops no others. Nothing is ever sent twice from here but a call that found no function, which did nothing.

Source: docs/spec/flash-sales.md#order-of-checks.
"""

import asyncio
from contextvars import Context
from typing import Any, NamedTuple, cast
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import (
    AskError,
    BusyLoadingError,
    ClusterDownError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    TryAgainError,
)

from quote_service.platform.redis_store.breaker import Breaker
from quote_service.platform.redis_store.keys import item_keys, verdicts_key
from quote_service.platform.redis_store.packed_connection import exchange
from quote_service.platform.redis_store.traced_commands import address_of, name_of, recorded
from quote_service.platform.system.errors import ClientGone
from quote_service.platform.system.traces import SPAN
from quote_service.platform.system.waiting_client import WaitingClient, waiting_client
from quote_service.selling.flash_sales.model.errors import StockUnreachable
from quote_service.selling.flash_sales.model.kept_refusals import KeptRefusal, read_refusal
from quote_service.selling.flash_sales.model.refusals import UnknownVerdict, Verdict
from quote_service.selling.flash_sales.model.reservation import Reservation, read_reservation
from quote_service.selling.flash_sales.tables.library import FlashLibrary, Words, is_missing

# Stock bounds the stream already; this bounds what a stopped PostgreSQL can pile up.
QUEUE_MAX = 200_000
_BATCH_MAX = 128
# Reads of single purchases at one time; each takes a connection.
_FINDS_AT_ONCE = 16
# A server that answers thus has not run the command; it will, or another will, after a while. MOVED is an AskError,
# MASTERDOWN a ClusterDownError.
_NOT_RUN = (AskError, TryAgainError, ClusterDownError, ReadOnlyError, BusyLoadingError, OutOfMemoryError)
_VERDICTS = frozenset(Verdict)
_NOT_RUN_WORDS = ("NOREPLICAS", "MISCONF")

_log = structlog.get_logger(__name__)


class GateAsk(NamedTuple):
    """What is asked of the gate; the id is the reservation's if it is made."""

    id: UUID
    item_id: int
    customer_id: UUID
    quantity: int
    idempotency_key: str
    fingerprint: str
    price_minor: int
    epoch: int


class GateAnswer(NamedTuple):
    """What the gate says; `reservation` where there is one, `detail` the number that goes with a refusal, which `is_kept` where it was
    given before under the key."""

    verdict: Verdict
    reservation: Reservation | None = None
    detail: int = 0
    is_kept: bool = False


class _Waiting(NamedTuple):
    """One ask that waits for its batch, and the client of the request that asks."""

    item_id: int
    words: Words
    answer: "asyncio.Future[Any]"
    client: WaitingClient | None

    def begins(self) -> bool:
        """Whether somebody waits, and it begins; what nobody waits for is settled."""
        if self.client is not None and not self.answer.done():
            if self.client.is_gone():
                self.answer.set_exception(ClientGone("The client closed the connection before its purchase was begun"))
            else:
                self.client.begin()
        return not self.answer.done()


class _Lane:
    """What goes to one server: what waits, the batch that is under way, and whether the server is known to be unavailable."""

    __slots__ = ("breaker", "sending", "waiting")

    def __init__(self, breaker: Breaker) -> None:
        self.breaker = breaker
        self.waiting: list[_Waiting] = []
        self.sending: asyncio.Task[None] | None = None


class FlashGate:
    """Reserves units in Redis, in batches."""

    __slots__ = ("_finds", "_lanes", "_library")

    def __init__(self, library: FlashLibrary, breaker: Breaker) -> None:
        self._library = library
        self._lanes = {"": _Lane(breaker)}
        self._finds = asyncio.Semaphore(_FINDS_AT_ONCE)

    @property
    def is_away(self) -> bool:
        """Whether a server is known not to answer."""
        return any(lane.breaker.is_open for lane in self._lanes.values())

    @property
    def failed_recently(self) -> bool:
        """Whether a server was asked in the last seconds and did not answer."""
        return any(lane.breaker.failed_recently for lane in self._lanes.values())

    def is_unavailable_for(self, item_id: int) -> bool:
        """Whether the server that has an item is known not to answer."""
        return self._lane_of(item_id).breaker.is_open

    async def reserve(self, ask: GateAsk) -> GateAnswer:
        """Ask for units.

        Raises:
            ClientGone: The client of the request has gone; nothing was taken.
            StockUnreachable: No answer came.
            UnknownVerdict: An answer came that nobody knows.
        """
        words = (
            str(ask.id),
            str(ask.customer_id),
            ask.quantity,
            ask.idempotency_key,
            ask.fingerprint,
            ask.price_minor,
            ask.epoch,
            QUEUE_MAX,
        )
        answer = _read_answer(await self._ask(ask.item_id, words))
        if answer.verdict is Verdict.STALE and answer.detail < ask.epoch:
            # Each epoch begins in Redis: what does not know of it is no longer the primary, or has lost it.
            await self._library.look_for_primary()
        return answer

    async def find(self, item_id: int, identifier: UUID) -> Reservation | None:
        """A reservation that is not yet decided, by its id.

        Raises:
            StockUnreachable: No answer came.
        """
        return await self._find(item_id, item_keys(item_id)[2], str(identifier))

    async def find_by_key(self, item_id: int, customer_id: UUID, idempotency_key: str) -> Reservation | None:
        """The reservation made under a key, whatever became of it.

        Raises:
            StockUnreachable: No answer came.
        """
        return await self._find(item_id, item_keys(item_id)[4], f"{customer_id}|{idempotency_key}")

    async def find_refusal(self, item_id: int, customer_id: UUID, idempotency_key: str) -> KeptRefusal | None:
        """The refusal that is final for a key.

        Raises:
            StockUnreachable: No answer came.
        """
        text = await self._read(item_id, verdicts_key(item_id), f"{customer_id}|{idempotency_key}")
        return None if text is None else read_refusal(text)

    async def close(self) -> None:
        """Wait for what is under way."""
        for lane in list(self._lanes.values()):
            while lane.sending is not None:
                await asyncio.wait([lane.sending])

    def _lane_of(self, item_id: int) -> _Lane:
        name = self._library.lane_of(item_id)
        lane = self._lanes.get(name)
        if lane is None:
            lane = self._lanes[name] = _Lane(Breaker())
        return lane

    async def _find(self, item_id: int, key: str, field: str) -> Reservation | None:
        text = await self._read(item_id, key, field)
        return None if text is None else read_reservation(text)

    async def _read(self, item_id: int, key: str, field: str) -> str | None:
        breaker = self._lane_of(item_id).breaker
        if not breaker.allows():
            raise StockUnreachable(is_unknown=False)
        try:
            async with self._finds:
                text = await cast("Any", self._library.client).hget(key, field)
        except (RedisError, OSError) as failure:
            breaker.failed()
            raise StockUnreachable(is_unknown=False) from failure
        except asyncio.CancelledError:
            breaker.abandoned()
            raise
        breaker.succeeded()
        return None if text is None else str(text.decode())

    async def _ask(self, item_id: int, words: Words) -> Any:
        loop = asyncio.get_running_loop()
        lane = self._lane_of(item_id)
        if lane.sending is None:
            if not lane.breaker.allows():
                raise StockUnreachable(is_unknown=False)
            # In no request's context: it sends for all that ask while it runs.
            lane.sending = loop.create_task(self._send_batches(lane), name="reserve units", context=Context())
        future: asyncio.Future[Any] = loop.create_future()
        lane.waiting.append(_Waiting(item_id, words, future, waiting_client()))
        span, library = SPAN.get(), self._library
        if span is None:
            return await future
        command = name_of(library.command("reserve", item_id, words))
        return await recorded(span, address_of(library.client), future, *command)

    async def _send_batches(self, lane: _Lane) -> None:
        batch: list[_Waiting] = []
        is_unknown = False
        try:
            while lane.waiting:
                first, lane.waiting = lane.waiting[:_BATCH_MAX], lane.waiting[_BATCH_MAX:]
                batch = [each for each in first if each.begins()]
                if not batch:
                    lane.breaker.abandoned()
                    continue
                is_unknown = True
                answers = await self._send(batch)
                for each, answer in zip(batch, answers, strict=True):
                    if not each.answer.done():
                        each.answer.set_result(answer)
                batch = []
                if any(isinstance(answer, RedisError) for answer in answers):
                    lane.breaker.failed()
                    break
                lane.breaker.succeeded()
        except (RedisError, OSError) as failure:
            is_unknown = len(batch) > 1 or not is_not_run(failure)
            lane.breaker.failed()
        finally:
            # Whatever ended the batch, nobody is left waiting.
            left, lane.waiting = lane.waiting, []
            lane.sending = None
            for waiting, may_be_made in ((batch, is_unknown), (left, False)):
                for each in waiting:
                    if not each.answer.done():
                        each.answer.set_exception(StockUnreachable(is_unknown=may_be_made))

    async def _send(self, batch: list[_Waiting]) -> list[Any]:
        answers = await self._pipeline(batch)
        missed = next((index for index, answer in enumerate(answers) if is_missing(answer)), None)
        if missed is not None:
            await self._library.load(batch[missed].item_id, answers[missed])
            again = [index for index, answer in enumerate(answers) if is_missing(answer)]
            for index, answer in zip(again, await self._pipeline([batch[at] for at in again]), strict=True):
                answers[index] = answer
        return answers

    async def _pipeline(self, batch: list[_Waiting]) -> list[Any]:
        client = cast("Any", self._library.client)
        if len(batch) == 1:
            (only,) = batch
            try:
                return [await client.execute_command(*self._library.command("reserve", only.item_id, only.words))]
            except RedisError as failure:
                if is_missing(failure):
                    return [failure]
                raise
        commands = [self._library.command("reserve", each.item_id, each.words) for each in batch]
        if isinstance(client, Redis):
            return await exchange(client, commands)
        pipeline = client.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        return list(await pipeline.execute(raise_on_error=False))


def _read_answer(answer: Any) -> GateAnswer:
    if isinstance(answer, Exception):  # of one command of a pipeline
        raise StockUnreachable(is_unknown=not is_not_run(answer)) from answer
    word = answer[0].decode(errors="replace")
    if word not in _VERDICTS:
        _log.error("flash_sale_verdict_unknown", verdict=word)
        raise UnknownVerdict(f"Redis answered a purchase with {word!r}")
    verdict = Verdict(word)
    if verdict in (Verdict.RESERVED, Verdict.REPLAYED):
        return GateAnswer(verdict, read_reservation(answer[1].decode()))
    return GateAnswer(verdict, None, int(answer[1]) if len(answer) > 1 else 0, is_kept=len(answer) > 2)


def is_not_run(failure: Exception) -> bool:
    """Whether a server has refused a command without running any of it."""
    return isinstance(failure, _NOT_RUN) or str(failure).startswith(_NOT_RUN_WORDS)
