"""One server's folder: who uses it, its password, the port of its last run and its log."""

from __future__ import annotations

import fcntl
import os
import secrets
from pathlib import Path
from typing import IO

from quote_service.lab.embedded.errors import DataDirectoryBusy, DataDirectoryUnwritable

_TAIL_BYTES = 8192


class DataDirectory:
    """A folder with the files `lock`, `password`, `port` and `server.log` beside the server's own data."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.password_file = self.path / "password"
        self.log_path = self.path / "server.log"
        self._port_file = self.path / "port"
        self._lock: int | None = None
        self._password: str | None = None

    def claim(self) -> None:
        """Make the folder if need be and take it for this process until `release`, or until the process ends.

        Raises:
            DataDirectoryUnwritable: It cannot be made, written or locked.
            DataDirectoryBusy: A live process has it.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as refused:
            raise DataDirectoryUnwritable(self.path, refused.strerror or str(refused)) from refused
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(lock, 20).decode() or "(unknown)"
            os.close(lock)
            raise DataDirectoryBusy(self.path, holder) from None
        except OSError as refused:
            os.close(lock)
            raise DataDirectoryUnwritable(self.path, f"it cannot be locked ({refused.strerror})") from refused
        self._lock = lock
        self._keep_last_log()
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        """Let others claim the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def password(self) -> str:
        """The server's password (letters, digits, - and _), made at the first call; its file is for the owner only."""
        if not self.password_file.exists():
            self.write_private(self.password_file, self._password or secrets.token_urlsafe(24))
        if self._password is None:
            self._password = self.password_file.read_text().strip()
        return self._password

    def use_password(self, password: str) -> None:
        """Take this password from now on: servers that talk to each other share one."""
        self._password = password
        self.write_private(self.password_file, password)

    def remembered_port(self) -> int | None:
        """The port of the last run, if it is on file."""
        try:
            text = self._port_file.read_text().strip()
        except FileNotFoundError:
            return None
        return int(text) if text.isdecimal() and 0 < int(text) < 65536 else None

    def remember_port(self, port: int) -> None:
        self.write_private(self._port_file, str(port))

    def write_private(self, path: Path, text: str) -> None:
        """Write a file that only its owner can read, whole or not at all.

        Raises:
            DataDirectoryUnwritable: It cannot be written.
        """
        fresh = path.with_name(path.name + ".new")
        try:
            fresh.unlink(missing_ok=True)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
                opened.write(text)
            fresh.replace(path)
        except OSError as refused:
            raise DataDirectoryUnwritable(self.path, refused.strerror or str(refused)) from refused

    def open_log(self) -> IO[bytes]:
        """An empty log for one attempt to start.

        Raises:
            DataDirectoryUnwritable: It cannot be made.
        """
        try:
            self.log_path.unlink(missing_ok=True)
            return os.fdopen(os.open(self.log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb")
        except OSError as refused:
            raise DataDirectoryUnwritable(self.path, refused.strerror or str(refused)) from refused

    def _keep_last_log(self) -> None:
        """The log of the last run stays as `server.log.1`, so a crash can still be read after a restart."""
        if self.log_path.exists():
            self.log_path.replace(self.log_path.with_name("server.log.1"))

    def log_tail(self) -> str:
        """The last lines of the log."""
        if not self.log_path.exists():
            return "(no log)"
        with self.log_path.open("rb") as log:
            log.seek(max(0, self.log_path.stat().st_size - _TAIL_BYTES))
            lines = log.read().decode(errors="replace").splitlines()
        return "\n".join(lines[-25:]) or "(empty log)"
