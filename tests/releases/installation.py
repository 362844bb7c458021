"""A release of the service that runs beside others: its own code, on servers of the caller's choice.

Everything goes over its command line and HTTP, so that one program calls whatever release there ever was.
"""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from quote_service.lab.embedded.ports import free_port
from quote_service.lab.embedded.processes import OwnedProcess
from tests.fixtures.environment import SETTINGS, service_environment

PATIENCE_SECONDS = 120.0
CHECKOUT = Path(__file__).parents[2]
# Known to everybody: what is signed in a corpus can be checked, and signed again, years later.
KEYS = {
    name: f"corpus:{base64.b64encode(hashlib.sha256(f'corpus {name}'.encode()).digest()).decode()}"
    for name in ("jwt", "signing", "receipt")
}
_PASSWORD = "correct horse battery staple"


class Installation:
    """A release that serves at `url`. `admin` and `checkout` are clients of it."""

    def __init__(self, code: Path, folder: Path, database_url: str, redis_url: str, **settings: str) -> None:
        """Nothing is started yet.

        Args:
            code: A checkout of the release.
            folder: Where its processes log.
            database_url: Of its PostgreSQL.
            redis_url: Of its Redis.
            settings: More of its environment.
        """
        self.code, self.folder, self.database_url, self.redis_url = code, folder, database_url, redis_url
        self._environment = {
            **_inherited(code),
            "PYTHONSAFEPATH": "1",
            "PYTHONPATH": str(code),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "QUOTE_DRAIN_SECONDS": "0",
            **{f"QUOTE_{name.upper()}_KEYS": key for name, key in KEYS.items()},
            **settings,
        }
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.migrated = ""  # what migrating said
        self._processes: list[OwnedProcess] = []
        self.admin = self.checkout = httpx.Client()

    def start(self) -> None:
        """Migrate, serve, and let an admin and a checkout in."""
        self.migrated = self.run("migrate")
        self._start("serve", "--port", str(self._port))
        self._start("worker")
        until(self._answers, f"{self.code} serves")
        self.admin, self.checkout = self._admin(), self._checkout()

    def run(self, *arguments: str, given: str = "") -> str:
        """What a command of the release prints."""
        done = subprocess.run(
            [sys.executable, "-m", "quote_service", *arguments],
            cwd=self.code,
            env=self._environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def logged(self) -> str:
        """What its processes have logged."""
        return "".join(log.read_text(errors="replace") for log in self.folder.glob(f"{id(self)}-*.log"))

    def stop(self) -> None:
        for client in (self.admin, self.checkout):
            client.close()
        for process in reversed(self._processes):
            process.terminate()
            process.wait(PATIENCE_SECONDS)

    def kill(self) -> None:
        for process in self._processes:
            if process.poll() is None:
                process.kill()
                process.wait(PATIENCE_SECONDS)

    def _start(self, *arguments: str) -> None:
        with (self.folder / f"{id(self)}-{arguments[0]}.log").open("ab") as output:
            self._processes.append(
                OwnedProcess(
                    [sys.executable, "-m", "quote_service", *arguments],
                    cwd=self.code,
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    last_signal="KILL",
                )
            )

    def _answers(self) -> bool:
        assert all(process.poll() is None for process in self._processes), self.logged()
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=10).status_code == 200
        except httpx.TransportError:
            return False

    def _admin(self) -> httpx.Client:
        email = f"{uuid4()}@example.com"
        self.run("users", "add", email, "--role", "admin", "--password-stdin", given=_PASSWORD)
        login = httpx.post(f"{self.url}/api/v1/auth/login", json={"email": email, "password": _PASSWORD}, timeout=60)
        assert login.status_code == 200, login.text
        token = login.json()["data"]["access_token"]
        return httpx.Client(base_url=self.url, timeout=60, headers={"Authorization": f"Bearer {token}"})

    def _checkout(self) -> httpx.Client:
        scopes = ("quote:write", "quote:read", "order:write", "flash:purchase")
        key = self.run(
            "keys", "add", f"key {uuid4()}", "--unlimited", *(f"--scope={scope}" for scope in scopes)
        ).strip()
        client = httpx.Client(base_url=self.url, timeout=60, headers={"X-API-Key": key})
        until(lambda: client.post("/api/v1/quote", content=b"").status_code != 401, "the key is known")
        return client


@contextmanager
def installation(
    code: Path, folder: Path, database_url: str, redis_url: str, **settings: str
) -> Iterator[Installation]:
    """A release that serves until the block ends."""
    running = Installation(code, folder, database_url, redis_url, **settings)
    try:
        running.start()
        yield running
        running.stop()
    finally:
        running.kill()


def _inherited(code: Path) -> dict[str, str]:
    """The environment without settings of whoever runs this; a release refuses those that it does not know."""
    if code == CHECKOUT:
        return service_environment({"QUOTE_RATE_LIMIT_ADMIN": "none"})
    return {name: value for name, value in service_environment().items() if not name.startswith(SETTINGS)}


def until(holds: Callable[[], Any], what: str) -> None:
    """Return as soon as it holds; fail when it does not within `PATIENCE_SECONDS`."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"not within {PATIENCE_SECONDS:.0f} s: {what}"
        time.sleep(0.02)
