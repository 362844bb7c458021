"""One installation of the service to be measured: a database with a rulebook of a size, an API key, and its settings.

The rulebook is the original example's rates, rules and flags, put in through the API, eight more flags with percentages,
and as many rates beside them as wanted.
"""

import asyncio
import base64
import contextlib
import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from loadtests.bench.baskets import basket_format, write_basket
from loadtests.bench.servers import START_SECONDS, NoAnswer, Target, clean_environment, post, running
from loadtests.bench.stores import Stores
from quote_service.lab.dev.demonstration import read_demonstration, seed
from quote_service.lab.embedded.ports import LOOPBACK, free_port

QUOTE_PATH = "/api/v1/quote"
FLAGS = 10
RATES_OF_EXAMPLE = 3
# Not reached, so that no server is spared work because the machine is busy.
REDIS_TIMEOUT_MS = 2000
_ADMIN = "bench@example.com"
_SEEDING_SECONDS = 1800
_RATES_SQL = Path(__file__).with_name("rates.sql")
COMMAND = (sys.executable, "-m", "quote_service")


class Installation:
    """A database that has been prepared; `running_service` serves it as often as wanted."""

    def __init__(self, database_url: str, redis_url: str, folder: Path) -> None:
        self.database_url = database_url
        self.redis_url = redis_url
        self.folder = folder
        self.key = ""
        self.rates = 0
        self.environment = {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "QUOTE_REDIS_TIMEOUT_MS": str(REDIS_TIMEOUT_MS),
            "QUOTE_LOG_LEVEL": "warning",
            "QUOTE_DRAIN_SECONDS": "0",
            "QUOTE_RATE_LIMIT_ADMIN": "none",  # a load test asks faster than a person
            **{
                variable: f"bench:{base64.b64encode(secrets.token_bytes(32)).decode()}"
                for variable in ("QUOTE_JWT_KEYS", "QUOTE_SIGNING_KEYS", "QUOTE_RECEIPT_KEYS")
            },
        }

    def call(self, *arguments: str, typed: str = "") -> str:
        """Run a command of the service; answers its output."""
        return subprocess.run(
            [*COMMAND, *arguments],
            env=clean_environment(self.environment),
            input=typed,
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        ).stdout.strip()

    @contextmanager
    def running_service(
        self, name: str = "service", *, workers: int = 1, settings: Mapping[str, str] | None = None
    ) -> Iterator[Target]:
        """Serve it in a process of its own, until every worker has the rulebook and the keys."""
        port, figures_port = free_port(), free_port()
        url = f"http://{LOOPBACK}:{port}{QUOTE_PATH}"
        command = (*COMMAND, "serve", "--port", str(port), "--workers", str(workers))
        environment = {**self.environment, "QUOTE_METRICS_PORT": str(figures_port), **(settings or {})}
        figures_url = f"http://{LOOPBACK}:{figures_port}/metrics"
        log = self.folder / "service.log"
        with running(name, command, url, log, key=self.key, figures_url=figures_url, environment=environment) as target:
            if self.key:
                # Each request is a connection of its own, so workers answer by turns.
                for _ in range(4 * workers):
                    wait_for_quote(target, log)
            yield target


def prepare(stores: Stores, rates: int, folder: Path) -> Installation:
    """Make an installation with so many rates (those of the example are among them)."""
    installation = Installation(stores.new_database(), stores.redis_url, folder)
    installation.call("migrate")
    password = secrets.token_urlsafe(16)
    installation.call("users", "add", _ADMIN, "--role", "admin", "--password-stdin", typed=password + "\n")
    with installation.running_service() as target:
        _seed_through_api(target.url.removesuffix(QUOTE_PATH), password)
    more = max(rates - RATES_OF_EXAMPLE, 0)
    asyncio.run(_add_rates(installation.database_url, more))
    installation.rates = more + RATES_OF_EXAMPLE
    installation.key = installation.call("keys", "add", "bench", "--scope", "quote:write", "--unlimited")
    return installation


def wait_for_quote(target: Target, log: Path) -> None:
    """Return when the service prices the example as it should, flags and all.

    Raises:
        NoAnswer: It does not in time; the message holds its last answer, and what the log says beside quotes.
    """
    basket = bytes(read_demonstration().basket)
    deadline = time.monotonic() + START_SECONDS
    status, answer = 0, b""
    while True:
        # While a worker reads a large rulebook it may not even answer.
        with contextlib.suppress(OSError):
            status, answer = post(target.url, basket, {"X-API-Key": target.key, "Cache-Control": "no-cache"})
            if status == 200 and is_example(answer):
                return
        if time.monotonic() > deadline:
            lines = [line for line in log.read_text(errors="replace").splitlines() if '"event": "quote"' not in line]
            said = "\n".join([answer.decode(errors="replace"), *lines[-20:]])
            raise NoAnswer(f"{target.name} answers the example with {status}: {said}")
        time.sleep(0.02)


def is_example(answer: bytes) -> bool:
    """Whether these are the figures of the example: what is fast must be right too."""
    quote = json.loads(answer, parse_float=str)["data"]
    commission = quote["commission_breakdown"]["total_commission"]
    return (quote["total_amount"], commission, len(quote["feature_flags"])) == ("80.18", "7.65", FLAGS)


def answer_bytes(target: Target, lines: int) -> int:
    """How long the answer to a basket of so many lines is."""
    status, answer = post(target.url, write_basket(basket_format(), 1, lines), {"X-API-Key": target.key})
    if status != 200:
        raise NoAnswer(f"{target.name} answers with {status}: {answer.decode(errors='replace')}")
    return len(answer)


def _seed_through_api(url: str, password: str) -> None:
    credentials = json.dumps({"email": _ADMIN, "password": password}).encode()
    status, answer = post(f"{url}/api/v1/auth/login", credentials, {})
    if status != 200:
        raise NoAnswer(f"the login is answered with {status}: {answer.decode(errors='replace')}")
    token = json.loads(answer)["data"]["access_token"]
    seed(url, token)
    for index in range(FLAGS - len(read_demonstration().feature_flags)):
        # Seven of eight decide by the customer, from 12.5 % to 87.5 %; the rest is told as the default.
        flag = {
            "key": f"rollout-{index}",
            "type": "BOOLEAN",
            "value": True,
            "default_value": False,
            "is_enabled": True,
            "rollout": {"percentage": 12.5 * index},
        }
        status, answer = post(
            f"{url}/api/v1/feature-flags", json.dumps(flag).encode(), {"Authorization": f"Bearer {token}"}
        )
        if status != 201:
            raise NoAnswer(f"a flag is answered with {status}: {answer.decode(errors='replace')}")


async def _add_rates(database_url: str, count: int) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(_RATES_SQL.read_text(), count, timeout=_SEEDING_SECONDS)
    finally:
        await connection.close()
