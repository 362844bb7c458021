"""An embedded PostgreSQL."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from quote_service.lab.embedded.accounts import account_for, can_write, reachable_install
from quote_service.lab.embedded.binaries import postgres_install
from quote_service.lab.embedded.cluster import SUPERUSER, make_cluster, remove_cluster
from quote_service.lab.embedded.errors import ClusterOutOfReach, PasswordLost
from quote_service.lab.embedded.ports import LOOPBACK
from quote_service.lab.embedded.processes import end_leftover, exists
from quote_service.lab.embedded.server import EmbeddedServer

# An orphaned backend of a killed server ends within moments, and holds the shared memory until then.
ORPHANS_LEFT = "pre-existing shared memory block"
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresServer(EmbeddedServer):
    """A PostgreSQL on 127.0.0.1 with a password, its data in one directory that survives restarts and crashes."""

    name: ClassVar[str] = "PostgreSQL"
    # Fast shutdown first; then the immediate one, which recovers at the next start; then force.
    stop_signals: ClassVar[tuple[tuple[signal.Signals, float], ...]] = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0))
    start_seconds: ClassVar[float] = 60.0

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int | None = None,
        durable: bool = True,
        max_connections: int = 100,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Describe the server; `start` starts it.

        Args:
            data_dir: Made if need be; nothing else may use it.
            port: None for the one of the last run if it is free, else any.
            durable: False to trade safety against power loss for speed, for tests.
            max_connections: As PostgreSQL counts them.
            settings: More settings of postgresql.conf by name; they win over the ones chosen here.
        """
        super().__init__(data_dir, port)
        self._durable = durable
        self._settings = {
            "listen_addresses": LOOPBACK,
            "unix_socket_directories": "",  # their paths may not be longer than 107 bytes; TCP has no such limit
            "max_connections": str(max_connections),
            "log_timezone": "UTC",
            "timezone": "UTC",
            **({} if durable else NOT_DURABLE),
            **(settings or {}),
        }
        self._install: Path | None = None

    @property
    def url(self) -> str:
        """URL of the database `postgres`, with the password, as its superuser."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """URL of a database of this server, whether it exists or not."""
        port = self.port  # first: it raises while there is no server to have a password
        return f"postgresql://{SUPERUSER}:{self._directory.password()}@{LOOPBACK}:{port}/{database}"

    @property
    def cluster(self) -> Path:
        """Where the data really is: outside the data directory only when root's folders keep PostgreSQL out of it."""
        return (self.data_dir / "cluster").resolve()

    def discard(self) -> None:
        """Stop the server and remove its data, wherever that is; the rest of the data directory stays."""
        self.stop()
        remove_cluster(self._directory)

    def _prepare(self) -> None:
        self._account = account_for(self.cluster)
        self._install = reachable_install(postgres_install(), self._account)
        if not self.cluster.exists():
            (self.data_dir / "cluster").unlink(missing_ok=True)  # a link whose shelter is gone
            make_cluster(self._directory, self._install, self._account, durable=self._durable)
            return
        if not self._directory.password_file.exists():
            raise PasswordLost(self._directory.password_file, self.cluster)
        if self._account is not None and not can_write(self._account, self.cluster):
            raise ClusterOutOfReach(self.cluster, self._account.name)
        self._end_leftover()

    def _end_leftover(self) -> None:
        """Clear the way: PostgreSQL refuses to start while the process id in postmaster.pid is anybody's."""
        number = next(iter(self._pid_file_lines()), "")
        if not number.isdecimal():
            return
        pid = int(number)
        end_leftover(self.name, pid, ("postgres", str(self.cluster)), signal.SIGINT, seconds=30.0)
        if exists(pid):
            # The number was given to another process since (a reboot, a new container), or nobody collects the dead
            # one. PostgreSQL's check that no old backend holds the shared memory does not need this file.
            (self.cluster / "postmaster.pid").unlink(missing_ok=True)

    def _pid_file_lines(self) -> list[str]:
        try:
            return [line.strip() for line in (self.cluster / "postmaster.pid").read_text().splitlines()]
        except FileNotFoundError:
            return []

    def _command(self, port: int) -> Sequence[str]:
        assert self._install is not None
        program = str(self._install / "bin" / "postgres")
        settings = {**self._settings, "port": str(port)}
        return [program, "-D", str(self.cluster), *(f"--{name}={value}" for name, value in settings.items())]

    def _is_ready(self, pid: int, port: int) -> bool:
        # Line 8 is the postmaster's own word for its state.
        lines = self._pid_file_lines()
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7] == "ready"

    def _passing_trouble(self, log_tail: str) -> bool:
        return ORPHANS_LEFT in log_tail
