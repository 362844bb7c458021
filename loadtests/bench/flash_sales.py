"""Flash sales under load: refused, reserved, and confirmed purchases a second, a crowd at one instant, the last unit.

One process answers requests and one records, over a PostgreSQL that commits to the disk and a Valkey that appends. Each
load sells in a sale of its own, which is audited once everything is recorded; a finding fails the run.

Source: docs/spec/flash-sales.md#purchase.
"""

import asyncio
import json
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import asyncpg
import msgspec

from loadtests.bench.buyers import OrderLoad
from loadtests.bench.gate_limit import GateLimit, measure_gate
from loadtests.bench.installation import COMMAND, Installation
from loadtests.bench.measure import children_seconds, run_wrk
from loadtests.bench.orders import PATH, PRICE, order_format
from loadtests.bench.process_tree import use_of_tree
from loadtests.bench.servers import PROJECT, NoAnswer, Target, post, running
from loadtests.bench.stores import Stores, running_stores
from quote_service.lab.embedded.ports import LOOPBACK, free_port
from quote_service.platform.redis_store.connection import open_redis
from quote_service.selling.flash_sales.tables.library import FlashLibrary
from quote_service.selling.flash_sales.tables.upkeep import StockUpkeep

CROWD = 2000
UNITS_OF_CROWD = 100
_ADMIN = "bench@example.com"
_SCRIPT = Path(__file__).with_name("order_load.lua")
_PLENTY = 1_000_000
_SETTLE_SECONDS = 120.0
# Pipelined as the gate does it, and one by one.
_DEPTHS = (128, 1)
_BROKEN = "BROKEN"
_LEFT = "SELECT id, allocated - sold AS left FROM flash_sale_items WHERE sale_id = $1"
# The commit of the row and not the statement that wrote it: before that nothing is promised.
_OUTCOME = """
SELECT count(*), min(reserved_at), max(pg_xact_commit_timestamp(xmin)) FROM flash_sale_purchases
WHERE sale_id = $1 AND status = 'confirmed'
"""


class FlashRun(msgspec.Struct, frozen=True, kw_only=True):
    """One load on one sale; CPU in microseconds of all of it, `last_seconds` from the first reservation to the last commit."""

    name: str
    units: int
    is_crowd: bool
    load: OrderLoad
    confirmed: int
    last_seconds: float
    service_cpu_us: float
    recorder_cpu_us: float
    postgres_cpu_us: float
    redis_cpu_us: float
    generator_cpu_us: float
    audit: str

    @property
    def answers_per_second(self) -> float:
        return self.load.answers / self.load.seconds

    @property
    def is_broken(self) -> bool:
        """Whether the audit found something, or an answer was neither a purchase nor a refusal."""
        others = self.load.statuses.keys() - {"202", "409"}
        return self.audit.startswith(_BROKEN) or bool(others) or self.load.broken > 0

    @property
    def confirmed_per_second(self) -> float:
        return self.confirmed / self.last_seconds if self.last_seconds else 0.0


class FlashFigures(msgspec.Struct, frozen=True, kw_only=True):
    """All loads, and what the function in Redis can do by itself."""

    runs: list[FlashRun]
    limits: list[GateLimit]


class SaleLoad(NamedTuple):
    """Who buys what: so many connections; a crowd orders once, and with `wait_seconds` waits to be confirmed."""

    name: str
    units: int
    connections: int
    is_crowd: bool = False
    wait_seconds: int = 0


class _Sale(NamedTuple):
    id: str
    order: str


def usual_loads(connections: int) -> tuple[SaleLoad, ...]:
    """Each as many connections as this, or as the crowd has buyers."""
    return (
        SaleLoad("sold out", 1, connections),
        SaleLoad("stock for all", _PLENTY, connections),
        SaleLoad(f"{CROWD} at once, {UNITS_OF_CROWD} units", UNITS_OF_CROWD, CROWD, is_crowd=True),
        SaleLoad(f"{CROWD} at once, as many units", CROWD, CROWD, is_crowd=True),
        SaleLoad(f"{CROWD} at once, as many units, waiting", CROWD, CROWD, is_crowd=True, wait_seconds=10),
    )


def measure_flash_sales(
    loads: Sequence[SaleLoad],
    *,
    seconds: int,
    raw_reservations: int = 60_000,
    uses_wrk: bool,
    settings: Mapping[str, str],
    folder: Path,
    say: Callable[[str], None],
) -> FlashFigures:
    """Run every load once.

    Args:
        loads: Which.
        seconds: Of each that is no crowd.
        raw_reservations: Made with the function in Redis by itself.
        uses_wrk: Else `buyers` makes these loads too; the crowd is always its own.
        settings: Of the service.
        folder: For logs.
        say: Tells progress.
    """
    with ExitStack() as stack:
        stores = stack.enter_context(running_stores(is_durable=True))
        shop = stack.enter_context(_running_shop(stores, settings, folder))
        runs = []
        for load in loads:
            say(f"flash sale: {load.name}")
            runs.append(shop.run(load, seconds, uses_wrk))
        say("flash sale: the function in Redis by itself")
        limits = [measure_gate(stores, depth, raw_reservations) for depth in _DEPTHS]
    return FlashFigures(runs=runs, limits=limits)


class _Shop:
    """A service with its recorder, and an admin who opens sales in it."""

    def __init__(self, installation: Installation, stores: Stores, service: Target, recorder: Target, password: str):
        self._installation = installation
        self._stores = stores
        self._service, self._recorder = service, recorder
        self._url = service.url.partition("/api/")[0]
        credentials = json.dumps({"email": _ADMIN, "password": password}).encode()
        token = self._post("/api/v1/auth/login", credentials, {})["access_token"]
        self._admin = {"Authorization": f"Bearer {token}"}
        self._key = installation.call("keys", "add", "shop", "--scope", "flash:purchase", "--unlimited")
        self._first = 1

    def run(self, load: SaleLoad, seconds: int, uses_wrk: bool) -> FlashRun:
        """Sell, wait until all of it is recorded, and audit the sale."""
        sale = self._open(load.units)
        if load.units == 1:
            self._order(sale, 1)
        before, generator = self._used(), children_seconds()
        first = self._first = self._first + 10_000_000
        if uses_wrk and not load.is_crowd:
            seen = self._with_wrk(sale, load, first, seconds)
        else:
            seen = self._with_python(sale, load, first, seconds)
        generator = children_seconds() - generator
        confirmed, last_seconds = self._settled(sale)
        service, recorder, postgres, redis = (
            (after - earlier) / seen.answers * 1e6 for after, earlier in zip(self._used(), before, strict=True)
        )
        return FlashRun(
            name=load.name,
            units=load.units,
            is_crowd=load.is_crowd,
            load=seen,
            confirmed=confirmed,
            last_seconds=last_seconds,
            service_cpu_us=service,
            recorder_cpu_us=recorder,
            postgres_cpu_us=postgres,
            redis_cpu_us=redis,
            generator_cpu_us=generator / seen.answers * 1e6,
            audit=self._audit(sale),
        )

    def _open(self, units: int) -> _Sale:
        now = datetime.now(UTC)
        product_id = str(uuid4())
        item = {
            "product_id": product_id,
            "sale_price": float(PRICE),
            "currency": "TRY",
            "allocated_stock": units,
            "per_customer_limit": 1,
        }
        sale = {
            "name": "bench",
            "starts_at": (now + timedelta(hours=1)).isoformat(),
            "ends_at": (now + timedelta(hours=2)).isoformat(),
            "items": [item],
        }
        sale_id = self._post("/api/v1/flash-sales", json.dumps(sale).encode(), self._admin)["id"]
        self._post(f"/api/v1/flash-sales/{sale_id}/activate", b"", self._admin)
        opened = _Sale(sale_id, order_format(product_id))
        deadline = time.monotonic() + _SETTLE_SECONDS
        # A wrong price is refused by the gate alone, once it holds the item and the process knows of it.
        wrong = opened._replace(order=opened.order.replace(PRICE, "1.00"))
        while self._order(wrong, 1)[0] != 409:
            if time.monotonic() > deadline:
                raise NoAnswer("the sale does not begin")
            time.sleep(0.02)
        return opened

    def _order(self, sale: _Sale, number: int) -> tuple[int, bytes]:
        headers = {"X-API-Key": self._key, "Idempotency-Key": f"first-{number}"}
        return post(f"{self._url}{PATH % sale.id}", (sale.order % number).encode(), headers)

    def _with_wrk(self, sale: _Sale, load: SaleLoad, first: int, seconds: int) -> OrderLoad:
        environment = {"BENCH_ORDER": sale.order, "BENCH_FIRST": str(first), "BENCH_KEY": self._key}
        said = run_wrk(f"{self._url}{PATH % sale.id}", _SCRIPT, environment, load.connections, seconds)
        return msgspec.json.decode(said, type=OrderLoad)

    def _with_python(self, sale: _Sale, load: SaleLoad, first: int, seconds: int) -> OrderLoad:
        options = [f"--order={sale.order}", f"--first={first}", f"--connections={load.connections}"]
        options += ["--once"] if load.is_crowd else [f"--seconds={seconds}"]
        said = subprocess.run(
            [
                *(sys.executable, "-m", "loadtests.bench.buyers"),
                *(f"{self._url}{PATH % sale.id}", *options, f"--wait={load.wait_seconds}"),
            ],
            cwd=PROJECT,
            input=self._key + "\n",
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        ).stdout
        return msgspec.json.decode(said, type=OrderLoad)

    def _settled(self, sale: _Sale) -> tuple[int, float]:
        """Confirmed purchases once nothing waits, and the time from the first reservation to the last decision."""
        return asyncio.run(_settled(self._installation.database_url, self._stores.redis_url, UUID(sale.id)))

    def _used(self) -> tuple[float, float, float, float]:
        service, recorder = (use_of_tree(each.pid).cpu_seconds for each in (self._service, self._recorder))
        return (service, recorder, *self._stores.each_cpu_seconds())

    def _audit(self, sale: _Sale) -> str:
        try:
            said = self._installation.call("flash-sales", "audit", sale.id, "--json", "--wait", "30")
        except subprocess.CalledProcessError as found:
            return f"{_BROKEN}: {found.output.strip()}"
        audit = json.loads(said)
        return f"all invariants hold, {audit['rejected']} refused late"

    def _post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Any:
        status, answer = post(f"{self._url}{path}", body, headers)
        if status not in (200, 201):
            raise NoAnswer(f"{path} is answered with {status}: {answer.decode(errors='replace')}")
        return json.loads(answer)["data"]


@contextmanager
def _running_shop(stores: Stores, settings: Mapping[str, str], folder: Path) -> Iterator[_Shop]:
    installation = Installation(stores.new_database(), stores.redis_url, folder)
    installation.call("migrate")
    password = secrets.token_urlsafe(16)
    installation.call("users", "add", _ADMIN, "--role", "admin", "--password-stdin", typed=password + "\n")
    port = free_port()
    with ExitStack() as stack:
        service = stack.enter_context(installation.running_service(settings=settings))
        recorder = stack.enter_context(
            running(
                "recorder",
                (*COMMAND, "worker"),
                f"http://{LOOPBACK}:{port}/health/live",
                folder / "recorder.log",
                environment={**installation.environment, **settings, "QUOTE_WORKER_METRICS_PORT": str(port)},
            )
        )
        yield _Shop(installation, stores, service, recorder, password)


async def _settled(database_url: str, redis_url: str, sale_id: UUID) -> tuple[int, float]:
    """Confirmed purchases once nothing waits to be recorded, and seconds from the first reservation to the last commit."""
    connection = await asyncpg.connect(database_url)
    client = open_redis(redis_url, 5000)
    upkeep = StockUpkeep(FlashLibrary(client))
    deadline = time.monotonic() + _SETTLE_SECONDS
    try:
        while True:
            item = await connection.fetchrow(_LEFT, sale_id)
            assert item is not None
            held = await upkeep.figures(item["id"])
            if not held.waiting and held.stock == item["left"]:
                break
            if time.monotonic() > deadline:
                raise NoAnswer(f"{held.waiting} reservations are not recorded")
            await asyncio.sleep(0.05)
        outcome = await connection.fetchrow(_OUTCOME, sale_id)
        assert outcome is not None
    finally:
        await client.aclose()
        await connection.close()
    confirmed, first_at, last_at = outcome
    return confirmed, (last_at - first_at).total_seconds() if confirmed else 0.0
