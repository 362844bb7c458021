"""Work on a replay, block by block, so that it may be left at any moment and another process goes on.

Source: docs/spec/replay.md#processes.
"""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from itertools import groupby
from math import ceil
from typing import NamedTuple
from uuid import UUID, uuid4

import msgspec

from quote_service.platform.documents.documents import write_document
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.cancellation import end_tasks
from quote_service.platform.system.errors import Unavailable
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.traces import note_cause, traced_work
from quote_service.quotes.model.past_quote import SHARE_WHOLE, PastQuote, PastRange
from quote_service.quotes.operations.past_quotes import count_past_quotes, read_past_quotes
from quote_service.rulebook.snapshot.operations.past_rulebooks import HELD_MAX, PastRulebooks, RulebookLost
from quote_service.steering.replay.model.not_replayed import NotReplayed, Reason
from quote_service.steering.replay.model.replays import ATTEMPTS_MAX, ISSUED_BEFORE, ReplayFailure
from quote_service.steering.replay.model.result import result_of
from quote_service.steering.replay.model.supposed_change import read_change
from quote_service.steering.replay.model.supposed_rulebook import PreparedChange, SupposedBook, suppose
from quote_service.steering.replay.model.tally import Tally, pack_tally, unpack_tally
from quote_service.steering.replay.operations.price_again import Decode, PriceAgain
from quote_service.steering.replay.tables import leases
from quote_service.steering.replay.tables.leases import LEASE_SECONDS, Progress, Taken

BLOCK_QUOTES = 500
PROGRESS_SECONDS = 1.0
# Priced between two looks at what has come from PostgreSQL, whose socket holds about as many.
_TURN_QUOTES = 50
_FIRST_ID = UUID(int=0)


class ReplayBounds(NamedTuple):
    """`quotes_max` a replay may have; `block_quotes` are read at once; how far it is, is noted every `progress_seconds`."""

    quotes_max: int
    block_quotes: int = BLOCK_QUOTES
    progress_seconds: float = PROGRESS_SECONDS


@traced_work("replay quotes", has_causes_later=True)
async def run_next_replay(database: Database, decode: Decode, bounds: ReplayBounds) -> UUID | None:
    """Work on the replay that waits longest until it has ended.

    Args:
        database: Its statements may take minutes.
        decode: Reads a kept request.
        bounds: What one replay may take.

    Returns:
        The replay; None where none waits.

    Raises:
        Unavailable: The database went away; whoever runs next goes on.
    """
    lease = uuid4()
    try:
        async with database.read() as connection:
            taken = await leases.take_replay(connection, lease)
        if taken is None:
            return None
        note_cause(taken.traceparent)
        await _run_taken(database, decode, bounds, taken, lease)
    except BaseException:
        # Whatever it was, nobody shall wait for this process: also where it was asked to end while it took the replay.
        with suppress(Unavailable):
            async with database.read() as connection:
                await leases.give_up_lease(connection, lease)
        raise
    return taken.id


async def _run_taken(
    database: Database, decode: Decode, bounds: ReplayBounds, taken: leases.Taken, lease: UUID
) -> None:
    """Work on a replay that is this process's for as long as it is; in the end nothing of it runs on."""
    work = asyncio.create_task(_Work(database, decode, bounds, taken, lease).run())
    keeping = asyncio.create_task(_keep_lease(database, taken.id, lease))
    try:
        await asyncio.wait((work, keeping), return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            work.result()
    except _Lost:
        pass
    finally:
        await end_tasks((work, keeping))


class _Lost(Exception):
    """The replay was cancelled, or is another process's by now."""


async def _keep_lease(database: Database, replay_id: UUID, lease: UUID) -> None:
    """Say that the process is alive, also while it reads a large rulebook; returns when the replay is not its any more."""
    is_ours = True
    while is_ours:
        await asyncio.sleep(LEASE_SECONDS / 4)
        with suppress(Unavailable):
            async with database.read() as connection:
                is_ours = await leases.keep_lease(connection, replay_id, lease)


class _Work:
    def __init__(self, database: Database, decode: Decode, bounds: ReplayBounds, taken: Taken, lease: UUID) -> None:
        self._database = database
        self._bounds = bounds
        self._taken = taken
        self._lease = lease
        self._range = PastRange(
            from_micros(taken.from_us), from_micros(taken.to_us), min(SHARE_WHOLE, ceil(taken.sample * SHARE_WHOLE))
        )
        self._after: tuple[datetime, UUID] = (self._range.starts, _FIRST_ID)
        self._tally = Tally()
        if taken.tally is not None and taken.position_at is not None and taken.position_id is not None:
            with suppress(msgspec.MsgspecError):  # of another release: begun again
                self._tally = unpack_tally(taken.tally)
                self._after = (taken.position_at, taken.position_id)
        self._decode = decode
        self._supposed: dict[int, SupposedBook] = {}

    async def run(self) -> None:
        failure = await self._failure()
        if failure is None:
            try:
                prepared = PreparedChange(read_change(self._taken.change))
                await self._price_all(prepared)
            except msgspec.ValidationError as misfit:
                failure = ReplayFailure("not-understood", f"a draft is not understood: {misfit}")
        if failure is not None:
            async with self._database.read() as connection:
                await leases.fail_replay(connection, self._taken.id, self._lease, failure)

    async def _failure(self) -> ReplayFailure | None:
        taken, most = self._taken, self._bounds.quotes_max
        if taken.attempts > ATTEMPTS_MAX:
            return ReplayFailure("process-ended", f"{ATTEMPTS_MAX} processes ended while they worked on it")
        if taken.quotes is None:
            quotes = await count_past_quotes(self._database, self._range)
            async with self._database.read() as connection:
                await leases.note_quotes(connection, taken.id, self._lease, quotes)
            if quotes > most:
                return ReplayFailure(
                    "too-many-quotes", f"there are {quotes} quotes; at most {most} are replayed at once"
                )
        return None

    async def _price_all(self, prepared: PreparedChange) -> None:
        books = await PastRulebooks.open(self._database, self._range.starts - ISSUED_BEFORE)
        pricer = PriceAgain(self._decode, prepared.prices, self._tally)
        clock = asyncio.get_running_loop().time
        noted_at = clock()
        reading: asyncio.Task[list[PastQuote]] | None = asyncio.create_task(self._read(self._after))
        try:
            while reading is not None:
                block, reading = await reading, None
                behind = (block[-1].accepted_at, UUID(block[-1].quote_id)) if block else self._after
                if len(block) == self._bounds.block_quotes:
                    # PostgreSQL reads while this process prices; two blocks are the most that is held.
                    reading = asyncio.create_task(self._read(behind))
                await self._price_block(block, books, prepared, pricer)
                self._after = behind
                self._tally.seen += len(block)
                if reading is not None and clock() - noted_at >= self._bounds.progress_seconds:
                    await self._note_progress()
                    noted_at = clock()
        finally:
            if reading is not None:
                await end_tasks((reading,))
        result = write_document(result_of(self._tally)).decode()
        async with self._database.read() as connection:
            is_ours = await leases.finish_replay(connection, self._taken.id, self._lease, result, self._tally.seen)
        if not is_ours:
            raise _Lost

    async def _read(self, after: tuple[datetime, UUID]) -> list[PastQuote]:
        return await read_past_quotes(self._database, self._range, after, self._bounds.block_quotes)

    async def _price_block(
        self, block: list[PastQuote], books: PastRulebooks, prepared: PreparedChange, pricer: PriceAgain
    ) -> None:
        # By version and instant: a rulebook keeps the one stretch of time that it was last asked for.
        for version, quotes in _by_version(block):
            if version is None:
                self._leave_out(quotes, "request-not-kept")
                continue
            try:
                then = await books.at(version)
            except RulebookLost as lost:
                self._leave_out(quotes, lost.code)
                continue
            supposed = self._supposed.get(version)
            if supposed is None:
                while len(self._supposed) >= HELD_MAX:
                    del self._supposed[next(iter(self._supposed))]
                supposed = self._supposed[version] = suppose(then, prepared)
            for number, past in enumerate(quotes, 1):
                pricer.price(then, supposed, past)
                if number % _TURN_QUOTES == 0:
                    await asyncio.sleep(0)

    def _leave_out(self, quotes: list[PastQuote], reason: Reason) -> None:
        for past in quotes:
            self._tally.leave_out(NotReplayed(past.quote_id, reason))

    async def _note_progress(self) -> None:
        tally = self._tally
        async with self._database.read() as connection:
            progress = Progress(tally.seen, *self._after, pack_tally(tally))
            if not await leases.note_progress(connection, self._taken.id, self._lease, progress):
                raise _Lost


def _by_version(block: list[PastQuote]) -> Iterator[tuple[int | None, list[PastQuote]]]:
    def version(past: PastQuote) -> int | None:
        return past.rulebook_version if past.request is not None else None

    ordered = sorted(block, key=lambda past: (version(past) or 0, past.issued_at_us, past.quote_id))
    for known, quotes in groupby(ordered, version):
        yield known, list(quotes)
