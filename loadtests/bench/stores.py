"""PostgreSQL and Valkey for the benchmark: embedded, started by the benchmark and not by the service.

So their CPU time is not in the service's process tree. Valkey evicts: a long run of ever other baskets would keep a quarter
of an hour of quotes otherwise, many GB of them. What is sold must be kept: for flash sales both write to the disk, as in
production.
"""

import asyncio
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import asyncpg

from loadtests.bench.process_tree import use_of_tree
from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.lab.embedded.valkey_server import ValkeyServer

_CACHE = {"maxmemory": "1gb", "maxmemory-policy": "allkeys-lru"}
_POSTGRES = {"shared_buffers": "256MB", "max_wal_size": "4GB", "checkpoint_timeout": "30min"}

_OPTIONS = {False: {}, True: {"track_commit_timestamp": "on"}}  # so that the instant of a commit can be asked for


class Stores:
    """The running servers."""

    def __init__(self, postgres: PostgresServer, valkey: ValkeyServer) -> None:
        self._postgres, self._valkey = postgres, valkey

    @property
    def redis_url(self) -> str:
        return self._valkey.url

    @property
    def postgres_pid(self) -> int:
        return self._postgres.pid

    def new_database(self) -> str:
        """Make an empty database and answer its URL."""
        name = f"bench_{secrets.token_hex(4)}"
        asyncio.run(self._execute(f"CREATE DATABASE {name}"))
        return self._postgres.url_of(name)

    def url_of(self, database: str) -> str:
        """The URL of a database that is there."""
        return self._postgres.url_of(database)

    def cpu_seconds(self) -> float:
        """What both have used so far."""
        return sum(self.each_cpu_seconds())

    def each_cpu_seconds(self) -> tuple[float, float]:
        """What PostgreSQL and Valkey have used so far."""
        return use_of_tree(self._postgres.pid).cpu_seconds, use_of_tree(self._valkey.pid).cpu_seconds

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self._postgres.url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@contextmanager
def running_stores(*, is_durable: bool = False, keep: Path | None = None) -> Iterator[Stores]:
    """Start both, and remove all of it at the end.

    Args:
        is_durable: Commits reach the disk, Valkey appends and never evicts.
        keep: A folder in which the data of PostgreSQL stays, and is found again.
    """
    # Not within a folder that is closed to the account which runs PostgreSQL.
    folder = Path(tempfile.mkdtemp(prefix="quote-bench-")).resolve()
    folder.chmod(0o755)
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, folder, ignore_errors=True)
        if keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
        postgres = PostgresServer(
            (keep or folder) / "postgres", durable=is_durable, settings=_POSTGRES | _OPTIONS[is_durable]
        )
        undo.callback(postgres.discard if keep is None else postgres.stop)
        postgres.start()
        valkey = undo.enter_context(
            ValkeyServer(folder / "valkey", append_only=is_durable, settings={} if is_durable else _CACHE)
        )
        yield Stores(postgres, valkey)
