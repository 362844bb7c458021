"""Replays as processes work on them: left at any moment, gone on with by another. Source: docs/spec/replay.md#processes."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest
from click.testing import CliRunner

from loadtests.past_quotes import write_past
from quote_service.platform.documents.documents import write_document
from quote_service.platform.documents.exact_documents import parse_exact
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.arithmetic_process import NICENESS
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.quotes.reading.decode_basket import decode_basket
from quote_service.serving.cli import main
from quote_service.steering.replay.model.process_order import ProcessOrder
from quote_service.steering.replay.model.replays import ATTEMPTS_MAX, ReplayOrder, ReplayRecord, TooManyReplays
from quote_service.steering.replay.model.supposed_change import SupposedChange
from quote_service.steering.replay.operations.run_replay import ReplayBounds, run_next_replay
from quote_service.steering.replay.operations.start_replay import cancel_replay, read_replay, read_result, start_replay
from quote_service.steering.replay.tables.replays import forget_replays
from tests.conftest import MakeDatabase

pytestmark = pytest.mark.second_try("kills processes in the middle of their work")

PATIENCE_SECONDS = 120.0
BOUNDS = ReplayBounds(quotes_max=1000, block_quotes=7, progress_seconds=0)
SELLERS = [str(uuid4()) for _ in range(3)]
CHANGE = SupposedChange(ended_rules=["Spring"])
VERSIONS = 4
QUOTES = 60


class Past(NamedTuple):
    """A database with quotes of several rulebook versions, accepted in turns."""

    url: str
    from_us: int

    def do(self, work: Callable[[Database], Any]) -> Any:
        async def run() -> Any:
            database = await Database.open(
                self.url, acquire_seconds=PATIENCE_SECONDS, statement_seconds=PATIENCE_SECONDS
            )
            try:
                return await work(database)
            finally:
                await database.close()

        return asyncio.run(run())

    def start(self, change: SupposedChange = CHANGE, at_once_max: int = 100) -> UUID:
        async def work(database: Database) -> UUID:
            async with database.transaction() as connection:
                order = ReplayOrder(from_us=self.from_us, to_us=now_us(), change=change)
                by = change_by_system("test", now_us())
                return (await start_replay(Change.within(connection, by), order, at_once_max=at_once_max)).id

        return self.do(work)  # type: ignore[no-any-return]

    def run(self, bounds: ReplayBounds = BOUNDS) -> UUID | None:
        return self.do(lambda database: run_next_replay(database, decode_basket, bounds))  # type: ignore[no-any-return]

    @staticmethod
    async def read(database: Database, replay_id: UUID) -> ReplayRecord:
        async with database.read() as connection:
            return await read_replay(connection, replay_id)

    def record(self, replay_id: UUID) -> ReplayRecord:
        return self.do(lambda database: self.read(database, replay_id))  # type: ignore[no-any-return]

    def result(self, replay_id: UUID) -> Any:
        async def work(database: Database) -> Any:
            async with database.read() as connection:
                return await read_result(connection, replay_id)

        found = self.do(work)
        assert found is not None, self.record(replay_id)
        return parse_exact(bytes(found))

    def execute(self, statement: str, *arguments: Any) -> str:
        async def work(database: Database) -> str:
            async with database.read() as connection:
                return str(await connection.execute(statement, *arguments))

        return self.do(work)  # type: ignore[no-any-return]


def rulebook(number: int) -> str:
    """A file whose rules, flags and rates are others with each number."""
    return f"""
format: 1
rules:
  - name: Spring
    type: PROMOTION
    configuration: {{kind: percent, value: {5 + number}}}
  - name: Delivery
    type: DELIVERY_FEE
    configuration: {{base_fee: {10 + number}}}
    currency: TRY
  - name: Only {number}
    type: PROMOTION
    configuration: {{kind: percent, value: 1}}
    conditions: {{customer_tiers: [gold]}}
flags:
  - key: colour
    type: STRING
    value: shade-{number}
    is_enabled: true
rates:
  - commission_type: PERCENTAGE
    rate: {10 + number}
  - commission_type: PERCENTAGE
    seller_id: {SELLERS[number % len(SELLERS)]}
    rate: {number}.5
"""


def basket(number: int) -> bytes:
    return write_document(
        {
            "customer_id": str(uuid4()),
            "seller_id": SELLERS[number % len(SELLERS)],
            "items": [{"product_id": str(uuid4()), "quantity": 1 + number % 3, "unit_price": f"{20 + number}.50"}],
            "delivery_address": {"city": "Istanbul" if number % 2 else "Izmir", "country": "TR"},
            "currency": "TRY",
            "customer_tier": "gold" if number % 5 else None,
        }
    )


@pytest.fixture(scope="module")
def past(new_database_url: MakeDatabase, tmp_path_factory: pytest.TempPathFactory) -> Past:
    made = Past(new_database_url(), now_us())
    file = tmp_path_factory.mktemp("rulebook") / "rulebook.yaml"
    for version in range(VERSIONS):
        file.write_text(rulebook(version), "utf-8")
        reported = CliRunner().invoke(
            main, ["rulebook", "import", str(file), "--prune"], env={"DATABASE_URL": made.url}
        )
        assert reported.exit_code == 0, reported.output
        some = [basket(number) for number in range(QUOTES // VERSIONS)]
        made.do(partial(write_past, bodies=some))
    # Issued by an earlier version, accepted after quotes of a later one: each second quote changes places with another.
    made.execute("ALTER TABLE accepted_quotes DISABLE TRIGGER USER")
    made.execute(
        "UPDATE accepted_quotes AS quote SET accepted_at = other.accepted_at FROM ("
        " SELECT quote_id, row_number() OVER (ORDER BY accepted_at) AS number FROM accepted_quotes) AS own,"
        " (SELECT accepted_at, row_number() OVER (ORDER BY accepted_at DESC) AS number FROM accepted_quotes) AS other"
        " WHERE own.quote_id = quote.quote_id AND other.number = own.number AND own.number % 2 = 0"
    )
    made.execute("ALTER TABLE accepted_quotes ENABLE TRIGGER USER")
    return made


@pytest.fixture
def whole(past: Past) -> Any:
    """What comes of a replay that nobody disturbs."""
    replay_id = past.start()
    assert past.run() == replay_id
    return past.result(replay_id)


@pytest.fixture(autouse=True)
def no_replay_is_left(past: Past) -> Iterator[None]:
    yield
    past.execute("DELETE FROM replays")


def test_quotes_of_every_version_are_met_in_whatever_order(past: Past, whole: Any) -> None:
    assert whole["quotes"] == QUOTES == whole["proof"]["reproduced"], whole["proof"]
    assert whole["changed"] == whole["up"] == QUOTES
    empty = past.start(SupposedChange())
    assert past.run() == empty
    assert (past.result(empty)["changed"], past.result(empty)["proof"]["reproduced"]) == (0, QUOTES)


def test_blocks_and_processes_make_no_difference(past: Past, whole: Any) -> None:
    for block_quotes in (1, 1000):
        replay_id = past.start()
        past.run(BOUNDS._replace(block_quotes=block_quotes))
        assert past.result(replay_id) == whole


def leave_on_the_way(past: Past, replay_id: UUID) -> None:
    """Work on a replay until something of it is done, and then no more."""

    async def leave(database: Database) -> None:
        work = asyncio.create_task(run_next_replay(database, decode_basket, BOUNDS))
        while (await past.read(database, replay_id)).quotes_done == 0:
            pass  # the reading lets the work go on
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)

    past.do(leave)


def test_another_goes_on_where_one_stopped(past: Past, whole: Any) -> None:
    replay_id = past.start()
    leave_on_the_way(past, replay_id)
    left = past.record(replay_id)
    assert left.quotes_done > 0
    assert past.run() in (replay_id, None)  # None where it was done before it could be left
    assert past.result(replay_id) == whole


def test_a_killed_process_leaves_nothing_but_its_lease(past: Past, whole: Any) -> None:
    replay_id = past.start()
    # The process cannot read a quote while somebody holds them all.
    with quotes_held(past.url), replay_process(past.url) as process:
        wait_until(lambda: past.record(replay_id).status == "running")
        assert os.getpriority(os.PRIO_PROCESS, process.pid) == NICENESS
        assert os.getsid(process.pid) == process.pid
        with suppress(FileNotFoundError):  # not every kernel weighs sessions
            assert f"nice {NICENESS}" in Path(f"/proc/{process.pid}/autogroup").read_text()
        process.kill()
        process.wait()
    assert past.run() is None  # the lease is the dead process's still
    past.execute("UPDATE replays SET lease_until = clock_timestamp() - interval '1 second'")
    assert past.run() == replay_id
    assert past.result(replay_id) == whole


def test_a_process_whose_starter_has_gone_lets_another_go_on_at_once(past: Past, whole: Any) -> None:
    replay_id = past.start()
    with quotes_held(past.url), replay_process(past.url) as process:
        wait_until(lambda: past.record(replay_id).status == "running")
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(PATIENCE_SECONDS) == 0
    assert past.run() == replay_id
    assert past.result(replay_id) == whole


def test_a_cancelled_replay_is_not_finished(past: Past) -> None:
    replay_id = past.start()

    async def work(database: Database) -> None:
        async with database.transaction() as connection:
            await cancel_replay(
                Change.within(connection, change_by_system("test", now_us())), replay_id, may_cancel_any=True
            )

    past.do(work)
    assert past.run() is None
    assert past.record(replay_id).status == "cancelled"
    past.execute("UPDATE replays SET finished_at = clock_timestamp() - interval '25 hours'")

    async def forget(database: Database) -> None:
        async with database.read() as connection:
            await forget_replays(connection)

    past.do(forget)
    assert past.execute("DELETE FROM replays") == "DELETE 0"


def test_a_replay_has_its_bounds(past: Past) -> None:
    replay_id = past.start()
    with pytest.raises(TooManyReplays):
        past.start(at_once_max=1)
    past.run(BOUNDS._replace(quotes_max=QUOTES - 1))
    failed = past.record(replay_id)
    assert failed.error is not None
    assert (failed.status, failed.error.code) == ("failed", "too-many-quotes")


def test_a_replay_that_ends_its_processes_is_given_up(past: Past) -> None:
    replay_id = past.start()
    past.execute("UPDATE replays SET attempts = $1", ATTEMPTS_MAX)
    past.run()
    failed = past.record(replay_id)
    assert failed.error is not None
    assert (failed.status, failed.error.code) == ("failed", "process-ended")


def test_a_replay_whose_processes_come_further_is_not_given_up(past: Past, whole: Any) -> None:
    replay_id = past.start()
    past.execute("UPDATE replays SET attempts = $1", ATTEMPTS_MAX - 1)
    leave_on_the_way(past, replay_id)
    past.run()
    assert past.result(replay_id) == whole


@contextmanager
def replay_process(url: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process for replays; it is killed at the end, if it is there still."""
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "quote_service.serving.processes.replay_process"],
        stdin=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    ) as process:
        assert process.stdin is not None
        process.stdin.write(msgspec.json.encode(ProcessOrder(url, 1000, "warning")) + b"\n")
        process.stdin.flush()
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def quotes_held(url: str) -> Iterator[None]:
    """Nobody else reads a quote meanwhile."""
    with asyncio.Runner() as runner:
        connection = runner.run(asyncpg.connect(url))
        runner.run(connection.execute("BEGIN; LOCK TABLE accepted_quotes IN ACCESS EXCLUSIVE MODE"))
        try:
            yield
        finally:
            runner.run(connection.close())


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)
