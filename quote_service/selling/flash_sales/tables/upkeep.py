"""What is done to an item in Redis besides buying: build it, follow its changes, give units back, look at it.

Source: docs/spec/flash-sales.md#holds; docs/spec/flash-sales.md#repair.
"""

from collections.abc import Awaitable, Iterable, Sequence
from itertools import islice
from typing import Any, Literal, NamedTuple, cast, get_args
from uuid import UUID

from redis.exceptions import RedisError

from quote_service.platform.redis_store.keys import item_keys, refusals_key
from quote_service.platform.system.errors import Unavailable
from quote_service.selling.flash_sales.model.kept_refusals import KeptRefusal
from quote_service.selling.flash_sales.model.refusals import UnknownVerdict
from quote_service.selling.flash_sales.model.reservation import Reservation, reservation_text
from quote_service.selling.flash_sales.model.stock_item import StockItem
from quote_service.selling.flash_sales.tables.library import FlashLibrary

GROUP = "recorders"
SyncOutcome = Literal["SYNCED", "KNOWN", "STALE", "TOO_LOW"]
_SYNC_OUTCOMES = get_args(SyncOutcome)
_RECORDS_AT_ONCE = 1000


class RedisFigures(NamedTuple):
    """An item in Redis at one instant; `epoch` None: it is not there. `lost` names a part of it that is gone by itself."""

    run_id: str
    epoch: int | None = None
    state: str = ""
    revision: int = 0
    stock: int = 0
    number: int = 0
    allocated: int = 0
    waiting: int = 0
    last_id: tuple[int, int] = (0, 0)
    held: int = 0
    lost: str = ""


class ItemContents(NamedTuple):
    """What Redis holds of an item: units by customer; the reservations that can be released, and those that wait to be
    decided; the reservation that each `customer|key` names; how many entries somebody took and did not finish.
    """

    owned: dict[str, int]
    held: set[str]
    undecided: set[str]
    named: dict[str, str]
    pending: int


class Opened(NamedTuple):
    """An item that is open again: the server's run id, and the stream's last id."""

    run_id: str
    last_id: tuple[int, int]


class StockUpkeep:
    """Maintains an item in Redis. Every method raises Unavailable where Redis gave no answer; it may have been done then."""

    __slots__ = ("_library",)

    def __init__(self, library: FlashLibrary) -> None:
        self._library = library

    @property
    def _client(self) -> Any:
        return self._library.client

    def lane_of(self, item_id: int) -> str:
        """What is unavailable together, as `FlashLibrary.lane_of`."""
        return self._library.lane_of(item_id)

    async def figures(self, item_id: int) -> RedisFigures:
        """What Redis holds of an item."""
        found = await self._call("figures", item_id, [GROUP])
        run_id = found[1].decode()
        if found[0] == b"NOT_LOADED":
            return RedisFigures(run_id)
        return RedisFigures(
            run_id,
            epoch=int(found[2]),
            state=found[3].decode(),
            revision=int(found[4]),
            stock=int(found[5]),
            number=int(found[6]),
            allocated=int(found[7]),
            waiting=int(found[8]),
            last_id=read_entry_id(found[9]),
            held=int(found[10]),
            lost=found[11].decode(),
        )

    async def fence(self, item_id: int, epoch: int) -> int | None:
        """Admit nothing more before `open`; None when done, else the epoch known there, which is no lower."""
        found = await self._call("fence", item_id, [epoch])
        return None if found[0] == b"FENCED" else int(found[1])

    async def open(
        self,
        item: StockItem,
        stock: int,
        reservations: Iterable[Reservation],
        known: Iterable[Reservation],
        owned: Iterable[tuple[UUID, int]],
        refused: Iterable[tuple[UUID, str, KeptRefusal]] = (),
    ) -> Opened | None:
        """Write an item whole under its fenced epoch and open it; None where another has fenced it since.

        Args:
            item: With its new epoch.
            stock: Units that nobody holds.
            reservations: What is still to be decided.
            known: Every purchase with its idempotency key, whatever became of it.
            owned: What each customer holds or bought.
            refused: What was refused for good meanwhile, by customer and key.
        """
        records = [("r", str(one.id), reservation_text(one)) for one in reservations]
        records += [("i", f"{one.customer_id}|{one.idempotency_key}", reservation_text(one)) for one in known]
        records += [("u", str(customer), str(units)) for customer, units in owned]
        records += [("k", f"{customer}|{key}", kept.text) for customer, key, kept in refused]
        if (await self._call("clear", item.id, [item.epoch]))[0] != b"CLEARED":
            return None
        left = iter(records)
        while batch := list(islice(left, _RECORDS_AT_ONCE)):
            words = [word for record in batch for word in record]
            if (await self._call("fill", item.id, [item.epoch, *words]))[0] != b"FILLED":
                return None
        found = await self._call("open", item.id, [item.epoch, GROUP, stock, *_fields_of(item), *_counts_of(item)])
        return Opened(found[2].decode(), read_entry_id(found[1])) if found[0] == b"OPENED" else None

    async def sync(self, item: StockItem) -> SyncOutcome:
        """Follow a change of the item; its stock moves by as much as its allocation. TOO_LOW: more is taken already."""
        found = await self._call("sync", item.id, [item.epoch, item.revision, item.allocated, *_fields_of(item)])
        if (outcome := found[0].decode()) not in _SYNC_OUTCOMES:
            raise UnknownVerdict(f"Redis answered a change of an item with {outcome!r}")
        return cast("SyncOutcome", outcome)

    async def release(self, item_id: int, ids: Sequence[UUID]) -> int:
        """Give back what these reservations took; how many had not been released or settled before."""
        return int(await self._call("release", item_id, [str(one) for one in ids]))

    async def settle(self, item_id: int, ids: Sequence[UUID]) -> int:
        """Keep for good what these reservations took; how many had not been released or settled before."""
        return int(await self._call("settle", item_id, [str(one) for one in ids]))

    async def retire(self, item_id: int, kept_ms: int) -> None:
        """Let an item that is over expire."""
        await self._call("retire", item_id, [kept_ms])

    async def owned(self, item_id: int, customer_id: UUID) -> int:
        """Units that a customer holds or bought of an item, recorded or not; 0 where Redis does not hold the item."""
        units = await self._answer(self._client.hget(item_keys(item_id)[1], str(customer_id)))
        return int(units or 0)

    async def stock(self, item_id: int) -> int | None:
        """Units that nobody holds, recorded or not; None where Redis does not hold the item."""
        units = await self._answer(self._client.hget(item_keys(item_id)[0], "stock"))
        return None if units is None else int(units)

    async def held_ids(self, item_id: int) -> list[UUID]:
        """The reservations that are neither settled nor released."""
        return [UUID(one.decode()) for one in await self._answer(self._client.hkeys(item_keys(item_id)[2]))]

    async def held_texts(self, item_id: int, ids: Sequence[UUID]) -> list[str]:
        """Such of these reservations as are held, as their lines."""
        found = await self._answer(self._client.hmget(item_keys(item_id)[2], [str(one) for one in ids]))
        return [text.decode("utf-8", "replace") for text in found if text is not None]

    async def add_refusals(self, item_id: int, reason: str, count: int) -> None:
        """Add to the count of refused purchases of an item."""
        await self._answer(self._client.hincrby(refusals_key(item_id), reason, count))

    async def refusals(self, item_id: int) -> dict[str, int]:
        """How many purchases of an item were refused, by reason."""
        found = await self._answer(self._client.hgetall(refusals_key(item_id)))
        return {reason.decode(): int(count) for reason, count in sorted(found.items())}

    async def contents(self, item_id: int) -> ItemContents:
        """For an audit: all that Redis holds of an item beside its figures."""
        client, keys = self._client, item_keys(item_id)
        owned = await self._answer(client.hgetall(keys[1]))
        held = await self._answer(client.hkeys(keys[2]))
        undecided = await self._answer(client.zrange(keys[3], 0, -1))
        named = await self._answer(client.hgetall(keys[4]))
        groups = await self._answer(client.xinfo_groups(keys[5])) if await self._answer(client.exists(keys[5])) else []
        return ItemContents(
            owned={customer.decode(): int(units) for customer, units in owned.items()},
            held={one.decode() for one in held},
            undecided={one.decode() for one in undecided},
            named={field.decode(): text.decode().partition("|")[0] for field, text in named.items()},
            pending=sum(int(group["pending"]) for group in groups),
        )

    async def _call(self, function: str, item_id: int, arguments: Sequence[str | int] = ()) -> Any:
        return await self._answer(self._library.call(function, item_id, arguments))

    async def _answer(self, command: Awaitable[Any]) -> Any:
        try:
            return await command
        except (RedisError, OSError, TimeoutError) as failure:
            raise Unavailable("The stock cannot be reached", retry_after_seconds=1) from failure


def read_entry_id(text: bytes) -> tuple[int, int]:
    """The two numbers of a stream's entry id."""
    milliseconds, _, sequence = text.partition(b"-")
    return int(milliseconds), int(sequence)


def _fields_of(item: StockItem) -> list[str | int]:
    values: dict[str, str | int] = {
        "state": item.state,
        "start_ms": item.starts_ms,
        "end_ms": item.ends_ms,
        "price_minor": item.price_minor,
        "limit": item.limit,
        "hold_ms": item.hold_ms,
    }
    return [word for pair in values.items() for word in pair]


def _counts_of(item: StockItem) -> list[str | int]:
    return ["allocated", item.allocated, "revision", item.revision]
