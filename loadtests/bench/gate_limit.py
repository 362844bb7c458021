"""How many reservations the Redis function itself can make: FCALLs with ever other arguments, pipelined on one raw socket.

No benchmark tool comes with the embedded Valkey, so this is a client of ours: the commands are written beforehand, the
answers are only counted. Its item is of no sale, and nobody else touches it.

Source: docs/spec/flash-sales.md#order-of-checks.
"""

import asyncio
import socket
import time
from urllib.parse import unquote, urlsplit
from uuid import UUID

import hiredis
import msgspec

from loadtests.bench.stores import Stores
from quote_service.platform.redis_store.connection import open_redis
from quote_service.platform.redis_store.keys import item_keys
from quote_service.selling.flash_sales.model.stock_item import StockItem
from quote_service.selling.flash_sales.tables.gate import QUEUE_MAX
from quote_service.selling.flash_sales.tables.library import FlashLibrary
from quote_service.selling.flash_sales.tables.upkeep import StockUpkeep

_ITEM_ID = 4_294_967_295
_STOCK, _PRICE_MINOR, _EPOCH = 1_000_000, 1999, 1
_TIMEOUT_MS = 5000
_NOBODY = UUID(int=0)
_CUSTOMER = "00000000-0000-4000-8000-%012x"
_PURCHASE = "00000000-0000-7000-8000-%012x"


class GateLimit(msgspec.Struct, frozen=True, kw_only=True):
    """Reservations a second with so many commands in a pipeline, and Valkey's CPU for each."""

    depth: int
    per_second: float
    redis_cpu_us: float


class NotReserved(Exception):
    """Redis answered something else than a reservation."""


def measure_gate(stores: Stores, depth: int, count: int) -> GateLimit:
    """Reserve `count` units, so many in a pipeline.

    Raises:
        NotReserved: As it says.
    """
    library = asyncio.run(_open_item(stores.redis_url))
    commands = [hiredis.pack_command(library.command("reserve", _ITEM_ID, _words(number))) for number in range(count)]
    batches = [commands[index : index + depth] for index in range(0, count, depth)]
    with _connected(stores.redis_url) as client:
        reader = hiredis.Reader()
        cpu, started = stores.each_cpu_seconds()[1], time.perf_counter()
        for batch in batches:
            client.sendall(b"".join(batch))
            for _ in batch:
                while (answer := reader.gets()) is False:
                    reader.feed(client.recv(1 << 16))
                if not isinstance(answer, list) or answer[0] != b"RESERVED":
                    raise NotReserved(repr(answer))
        seconds = time.perf_counter() - started
        used = stores.each_cpu_seconds()[1] - cpu
    asyncio.run(_forget_item(stores.redis_url))
    return GateLimit(depth=depth, per_second=count / seconds, redis_cpu_us=used / count * 1e6)


def _words(number: int) -> tuple[str | int, ...]:
    customer, key = _CUSTOMER % number, f"order-{number}"
    return (_PURCHASE % number, customer, 1, key, "0123456789abcdef0123", _PRICE_MINOR, _EPOCH, QUEUE_MAX)


def _connected(url: str) -> socket.socket:
    parts = urlsplit(url)
    client = socket.create_connection((parts.hostname or "", parts.port or 6379), timeout=_TIMEOUT_MS / 1000)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if parts.password:
        word = unquote(parts.password).encode()
        client.sendall(b"*2\r\n$4\r\nAUTH\r\n$%d\r\n%b\r\n" % (len(word), word))
        client.recv(1 << 16)
    return client


async def _open_item(redis_url: str) -> FlashLibrary:
    client = open_redis(redis_url, _TIMEOUT_MS)
    library = FlashLibrary(client)
    upkeep = StockUpkeep(library)
    item = StockItem(
        id=_ITEM_ID,
        sale_id=_NOBODY,
        product_id=_NOBODY,
        currency="TRY",
        price_minor=_PRICE_MINOR,
        allocated=_STOCK,
        sold=0,
        limit=1,
        state="active",
        starts_ms=0,
        ends_ms=2**52,
        hold_ms=0,
        revision=1,
        epoch=_EPOCH,
        is_drifted=False,
        redis_run_id=None,
        high_water_ms=0,
        high_water_seq=0,
        high_number=0,
    )
    await upkeep.fence(_ITEM_ID, _EPOCH)
    if await upkeep.open(item, _STOCK, [], [], []) is None:
        raise NotReserved("the item cannot be opened")
    await client.aclose()
    return library


async def _forget_item(redis_url: str) -> None:
    client = open_redis(redis_url, _TIMEOUT_MS)
    await client.delete(*item_keys(_ITEM_ID))
    await client.aclose()
