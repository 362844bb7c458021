"""Requests for orders that come while a transaction is under way share the next one (group commit).

A busy account of the ledger is changed by one commit at a time, so throughput is the size of a group times the commits a
second that the disk takes. Nobody waits for a group to fill: whoever comes first goes at once.

A group holds a quote once and a key once; who else asks for them is answered from what became of the first, or goes into the
next group. A group that fails for a reason of its data is tried one by one, so that one request cannot fail another. A lost
connection is told to all: what was asked may have been done, and repeating it with the same key finds out.

Source: docs/spec/orders.md#place-an-order; docs/decisions/orders.md.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context

from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.postgres.sqlstates import concerns_transaction
from quote_service.platform.system.crash_points import crash_point
from quote_service.platform.system.errors import ClientGone, Overloaded, QuoteServiceError, Unavailable
from quote_service.platform.system.traces import SPAN, shared_span
from quote_service.platform.system.waiting_client import WaitingClient, waiting_client
from quote_service.selling.orders.operations.asked_order import AskedOrder, OfferWanted, Outcome, PlacedOrder

GROUP_MAX = 128
Place = Callable[[Connection, Sequence[AskedOrder]], Awaitable[list[Outcome]]]


class _Waiting:
    """One request; `outcome` is cancelled where nobody waits for it any more."""

    __slots__ = ("asked", "client", "outcome", "span")

    def __init__(self, asked: AskedOrder, outcome: "asyncio.Future[Outcome]", client: WaitingClient | None) -> None:
        self.asked = asked
        self.outcome = outcome
        self.client = client
        self.span = SPAN.get()

    def is_waited_for(self) -> bool:
        """Whether somebody waits; whoever does not is settled."""
        if self.client is not None and self.client.is_gone():
            self.settle(ClientGone("The client closed the connection before its order was begun"))
        return not self.outcome.done()

    def settle(self, outcome: Outcome) -> None:
        if not self.outcome.done():
            self.outcome.set_result(outcome)

    def fail(self, mistake: BaseException) -> None:
        if not self.outcome.done():
            self.outcome.set_exception(mistake)


class OrderGroups:
    """The groups of one process, one at a time."""

    def __init__(
        self,
        database: Database,
        place: Place,
        *,
        waiting_max: int,
        wait_seconds: float,
        committed: Callable[[], None],
    ) -> None:
        """How groups are placed, and who may wait for one.

        Args:
            database: Where they are placed.
            place: Places a group in a transaction.
            waiting_max: The most requests that wait.
            wait_seconds: The longest that each of them waits until it begins.
            committed: Called after each transaction.
        """
        self._database = database
        self._place = place
        self._waiting_max = waiting_max
        self._wait_seconds = wait_seconds
        self._waiting: deque[_Waiting] = deque()
        self._running: asyncio.Task[None] | None = None
        self._committed = committed

    @property
    def waiting(self) -> int:
        """How many wait for a group."""
        return len(self._waiting)

    async def place(self, asked: AskedOrder) -> PlacedOrder | OfferWanted:
        """Place an order in the next group.

        Raises:
            Overloaded: Too many wait, or no group took it in time; nothing has been done.
            Unavailable: PostgreSQL was lost, maybe after the order was placed.
            QuoteServiceError: As `place_orders`.
        """
        if len(self._waiting) >= self._waiting_max:
            raise Overloaded("Too many requests of this kind are already waiting", retry_after_seconds=1)
        loop = asyncio.get_running_loop()
        waiting = _Waiting(asked, loop.create_future(), waiting_client())
        self._waiting.append(waiting)
        timer = loop.call_later(self._wait_seconds, self._give_up, waiting)
        if self._running is None:
            # In no request's context: it places for all that wait.
            self._running = loop.create_task(self._run(), context=Context())
        try:
            outcome = await waiting.outcome  # cancelled with the caller, and then not begun any more
        finally:
            timer.cancel()
        if isinstance(outcome, QuoteServiceError):
            raise outcome
        return outcome

    async def close(self) -> None:
        """Let what is under way come to its end; whoever still waits is placed too."""
        while self._running is not None:
            await asyncio.wait([self._running])

    def _give_up(self, waiting: _Waiting) -> None:
        if waiting in self._waiting:
            waiting.settle(Overloaded("The request waited too long for its turn", retry_after_seconds=1))

    async def _run(self) -> None:
        try:
            while group := self._next_group():
                await self._commit(group)
        finally:
            self._running = None

    def _next_group(self) -> list[_Waiting]:
        """The first of those who wait, each quote and each key once; the others keep their places."""
        group: list[_Waiting] = []
        others: deque[_Waiting] = deque()
        taken: set[object] = set()
        while self._waiting and len(group) < GROUP_MAX:
            waiting = self._waiting.popleft()
            if not waiting.is_waited_for():
                continue
            use = waiting.asked.use
            key = (use.caller, use.route, use.key)
            if key in taken or waiting.asked.quote_id in taken:
                others.append(waiting)
                continue
            taken |= {key, waiting.asked.quote_id}
            group.append(waiting)
        self._waiting.extendleft(reversed(others))
        return group

    async def _commit(self, group: list[_Waiting]) -> None:
        """One transaction for all, or one for each where that fails by what is in it."""
        try:
            await self._place_in_one(group)
        except Unavailable as lost:
            if len(group) == 1 or not concerns_transaction(lost):
                for waiting in group:
                    waiting.settle(lost)
                return
        except QuoteServiceError as refusal:
            if len(group) == 1:
                group[0].settle(refusal)
                return
        except Exception as mistake:  # noqa: BLE001 (handed to the last handler of whoever asked)
            if len(group) == 1:
                group[0].fail(mistake)
                return
        else:
            return
        for waiting in group:
            await self._commit([waiting])

    async def _place_in_one(self, group: list[_Waiting]) -> None:
        SPAN.set(shared_span([waiting.span for waiting in group]))
        async with self._database.transaction() as connection:
            # Once more: it may have taken a while to get here.
            group = [waiting for waiting in group if waiting.is_waited_for()]
            if not group:
                return
            outcomes = await self._place(connection, [waiting.asked for waiting in group])
            crash_point("before_order_commit")
        crash_point("after_order_commit")
        self._committed()
        for waiting, outcome in zip(group, outcomes, strict=True):
            waiting.settle(outcome)
