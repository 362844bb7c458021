"""Servers, `serve` and `worker` processes and the links between them, for one service that is going to be broken.

Source: docs/spec/flash-sales.md#faults.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import ClassVar, NamedTuple
from uuid import UUID, uuid4

import httpx

from quote_service.identity.model.people import UserDraft
from quote_service.identity.operations.access_tokens import AccessTokens
from quote_service.identity.operations.keys.create_api_key import create_api_key
from quote_service.identity.operations.people.create_user import create_user
from quote_service.identity.tables.users import account_by_email
from quote_service.lab.embedded.ports import free_port
from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.lab.embedded.valkey_server import ValkeyServer
from quote_service.platform.callers.access import Scope
from quote_service.platform.callers.api_keys import ApiKeyDraft
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.redis_store.connection import open_redis
from quote_service.platform.settings import Key
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import QuoteServiceError
from quote_service.selling.flash_sales.model.audit import SaleAudit
from quote_service.selling.flash_sales.operations.upkeep.audit_sale import audit_sale
from quote_service.selling.flash_sales.tables.library import FlashLibrary
from quote_service.selling.flash_sales.tables.upkeep import StockUpkeep
from tests.conftest import eventually
from tests.fixtures.fork_server import Child, ForkServer
from tests.flash_sales.campaign.counter import ANSWER_SECONDS, PRICE_MINOR, Counter, Product
from tests.flash_sales.fault_proxy import FaultProxy
from tests.flash_sales.history import Kept
from tests.flash_sales.sales import SALES, a_sale, an_item

_SECRETS = {name: hashlib.sha256(f"campaign {name}".encode()).digest() for name in ("jwt", "signing", "receipt")}
# How long a statement may take: a frozen PostgreSQL is found out sooner, and a round is over sooner.
DATABASE_TIMEOUT_MS = 2000


class World:
    """One service and all that it stands on. Faults are done to its parts by `faults.py`."""

    scopes: ClassVar[list[Scope]] = ["flash:purchase"]  # of the checkout's key
    settings: ClassVar[dict[str, str]] = {}  # of every process, beside those that all worlds have

    def __init__(
        self, fork_server: ForkServer, folder: Path, postgres: PostgresServer, database_name: str, stock: ValkeyServer
    ) -> None:
        self.postgres = postgres
        self.stock = stock
        self.database_url = postgres.url_of(database_name)
        # Between web and Redis, worker and Redis, and both and PostgreSQL.
        self.links = {
            "web": FaultProxy(stock.port, marker=b"FCALL"),
            "worker": FaultProxy(stock.port, marker=b"FCALL"),
            "postgres": FaultProxy(postgres.port, marker=b"COMMIT"),
        }
        self.web: Child | None = None
        self.workers: list[Child | None] = [None]
        self._children: list[Child] = []
        self._lines_read: dict[int, int] = {}
        self._fork_server = fork_server
        self._folder = folder
        self._port = free_port()
        self._key = self._token = ""

    async def open(self, stack: AsyncExitStack) -> None:
        for link in self.links.values():
            await link.start()
            stack.push_async_callback(link.stop)
        stack.callback(self._end_all)
        self.database = await Database.open(self.database_url, connections_max=4)
        stack.push_async_callback(self.database.close)
        redis = open_redis(self.stock.url, 2000)
        stack.push_async_callback(redis.aclose)
        self.upkeep = StockUpkeep(FlashLibrary(redis))
        await self._let_callers_in()
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
        url = f"http://127.0.0.1:{self._port}"
        self.checkout = httpx.AsyncClient(
            base_url=url, timeout=ANSWER_SECONDS, limits=limits, headers={"X-API-Key": self._key}
        )
        stack.push_async_callback(self.checkout.aclose)
        self.admin = httpx.AsyncClient(
            base_url=url, timeout=ANSWER_SECONDS, headers={"Authorization": f"Bearer {self._token}"}
        )
        stack.push_async_callback(self.admin.aclose)

    async def start_web(self, crash_at: str = "") -> Child:
        """Start `serve`; whether it is ready is another question."""
        arguments = ["serve", "--port", str(self._port)]
        self.web = await self._start("web", arguments, self.links["web"], crash_at)
        return self.web

    async def start_worker(self, place: int = 0, crash_at: str = "") -> Child:
        """Start `worker`, the one at this place."""
        started = await self._start("worker", ["worker"], self.links["worker"], crash_at)
        self.workers[place] = started
        return started

    async def until_ready(self) -> None:
        """Return once the web process answers as it should."""
        await eventually(self._is_ready, "the service is ready")

    async def announce(self, *products: Product, hold_seconds: int | None = None) -> Counter:
        """Put products on sale, now."""
        items = [
            an_item(
                product_id=str(product.id),
                sale_price=PRICE_MINOR / 100,
                allocated_stock=product.allocated,
                per_customer_limit=product.limit,
            )
            for product in products
        ]
        held = {"hold_seconds": hold_seconds} if hold_seconds else {}
        made = await self.admin.post(SALES, json=a_sale(*items, **held))
        assert made.status_code == 201, made.text
        sale_id = UUID(made.json()["data"]["id"])
        answer = await self.admin.post(f"{SALES}/{sale_id}/activate")
        assert answer.status_code == 200, answer.text
        return Counter(self.checkout, sale_id, holds=hold_seconds is not None)

    async def audit(self, sale_id: UUID) -> SaleAudit | None:
        """What the service's own audit finds; None while it cannot be asked."""
        try:
            return await audit_sale(self.database, self.upkeep, sale_id)
        except QuoteServiceError:
            return None

    async def kept(self, sale_id: UUID, product: Product) -> list[Kept]:
        """Every recorded purchase of a product."""
        async with self.database.read() as connection:
            rows = await connection.fetch(
                "SELECT purchase.* FROM flash_sale_purchases purchase JOIN flash_sale_items item ON item.id = item_id"
                " WHERE purchase.sale_id = $1 AND item.product_id = $2",
                sale_id,
                product.id,
            )
        return [
            Kept(
                purchase_id=str(row["id"]),
                customer_id=str(row["customer_id"]),
                key=row["idempotency_key"],
                status=row["status"],
                quantity=row["quantity"],
                unit_price_minor=row["unit_price_minor"],
            )
            for row in rows
        ]

    async def end_sale(self, sale_id: UUID) -> None:
        """Nothing more is sold in it."""
        answer = await self.admin.post(f"{SALES}/{sale_id}/end")
        assert answer.status_code == 200, answer.text

    async def set_up(self, workers: int) -> None:
        """One `serve` and so many `worker` run, and the service is ready."""
        if self.web is None or self.web.poll() is not None:
            await self.start_web()
        for surplus in self.workers[workers:]:
            if surplus is not None:
                await asyncio.to_thread(surplus.kill)
        self.workers = [*self.workers, *[None] * workers][:workers]
        for place, worker in enumerate(self.workers):
            if worker is None or worker.poll() is not None:
                await self.start_worker(place)
        self._children = [child for child in self._children if child.poll() is None]
        await self.until_ready()

    def logs(self) -> list[Path]:
        """The logs of the processes of this round, and of Redis and PostgreSQL."""
        return [*(child.log for child in self._children), self.stock.log_path, self.postgres.log_path]

    def traces(self) -> list[str]:
        """Traces of mistakes that the processes have logged since the last call: no fault is an excuse for one."""
        found = []
        for child in self._children:
            lines = child.output().splitlines()
            reported = self._lines_read.get(child.pid, 0)
            self._lines_read[child.pid] = len(lines)
            found += [f"{child.log.name}: {line}" for line in lines[reported:] if "Traceback" in line]
        return found

    async def _start(self, name: str, arguments: list[str], link: FaultProxy, crash_at: str) -> Child:
        environment = {
            "DATABASE_URL": _through(self.links["postgres"], self.postgres.port, self.database_url),
            "REDIS_URL": _through(link, self.stock.port, self.stock.url),
            "QUOTE_PORT": str(self._port),
            "QUOTE_DRAIN_SECONDS": "0",
            "QUOTE_RATE_LIMIT_ADMIN": "none",
            "QUOTE_DATABASE_TIMEOUT_MS": str(DATABASE_TIMEOUT_MS),
            **{f"QUOTE_{each.upper()}_KEYS": _written(secret) for each, secret in _SECRETS.items()},
            **self.settings,
        }
        log = self._folder / f"{name}-{len(self._children)}-{uuid4().hex[:4]}.log"
        start = partial(self._fork_server.start, arguments, log, environment, crash_at=crash_at)
        child = await asyncio.to_thread(start)
        self._children.append(child)
        return child

    async def _is_ready(self) -> bool:
        assert self.web is not None
        assert self.web.poll() is None, self.web.output()
        try:
            answer = await self.checkout.get("/health/ready")
        except httpx.TransportError:
            return False
        return answer.status_code == 200

    async def _let_callers_in(self) -> None:
        change = change_by_system("test", now_us())
        draft = ApiKeyDraft(name=f"key {uuid4()}", scopes=self.scopes, rate_limit=None)
        person = UserDraft(email=f"{uuid4()}@example.com", password="correct horse battery", role="admin")
        async with self.database.transaction() as connection:
            self._key = (await create_api_key(Change.within(connection, change), draft, "live")).key
            await create_user(Change.within(connection, change), person, "no hash: never logs in")
            account = await account_by_email(connection, person.email)
        assert account is not None
        self._token = AccessTokens((Key("k1", _SECRETS["jwt"]),)).issue(account, now_us())

    def _end_all(self) -> None:
        for child in self._children:
            child.send_signal(signal.SIGCONT)
            child.kill()


@asynccontextmanager
async def open_world(
    fork_server: ForkServer, folder: Path, postgres: PostgresServer, database_name: str, stock: ValkeyServer
) -> AsyncIterator[World]:
    """A world whose servers run; its processes are started by whoever uses it, and ended here."""
    async with AsyncExitStack() as stack:
        world = World(fork_server, folder, postgres, database_name, stock)
        await world.open(stack)
        yield world


class Servers(NamedTuple):
    """What a long campaign stands on; `folder` is open to the account that runs PostgreSQL."""

    folder: Path
    postgres: PostgresServer
    valkey: ValkeyServer
    fork_server: ForkServer


@contextmanager
def campaign_servers() -> Iterator[Servers]:
    """Servers of a program's own, which may be broken; all of them is gone at the end."""
    with tempfile.TemporaryDirectory(prefix="quote-service-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        postgres = postgres_that_may_be_killed(folder / "postgres")
        postgres.start()
        try:
            with ValkeyServer(folder / "valkey") as valkey, ForkServer() as fork_server:
                yield Servers(folder, postgres, valkey, fork_server)
        finally:
            postgres.kill()
            postgres.discard()


def postgres_that_may_be_killed(folder: Path) -> PostgresServer:
    """A PostgreSQL that keeps what it has committed when it is killed, though not when the machine's power fails."""
    return PostgresServer(folder, durable=False, settings={"synchronous_commit": "on"})


def signal_postgres(server: PostgresServer, sent: signal.Signals) -> None:
    """A signal to PostgreSQL with all processes it has forked, each of which has its own session."""
    for pid in [server.pid, *_children_of(server.pid)]:
        try:
            os.kill(pid, sent)
        except ProcessLookupError:
            continue  # a connection that was closed meanwhile


def _children_of(parent: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(status.parent.name))
    return found


def _through(link: FaultProxy, port: int, url: str) -> str:
    return url.replace(f":{port}/", f":{link.port}/")


def _written(secret: bytes) -> str:
    return f"k1:{base64.b64encode(secret).decode()}"
