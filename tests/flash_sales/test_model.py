"""Whatever happens to an item, in whatever order: it answers and stands as a model in plain Python says.

The same examples every time; `--hypothesis-profile=long` draws new ones, many and long.

Source: docs/spec/flash-sales.md#invariants; docs/spec/flash-sales.md#faults.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from copy import deepcopy
from typing import Any, TypeVar, cast
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from quote_service.platform.postgres.change import Change
from quote_service.platform.redis_store.keys import item_keys
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import IdempotencyKeyReused, NotFound, QuoteServiceError
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.selling.flash_sales.model.errors import PurchaseDecided, SaleStateForbids, StockBelowSold
from quote_service.selling.flash_sales.model.purchase import PurchaseDraft
from quote_service.selling.flash_sales.model.refusals import LimitReached, SaleNotActive, SaleNotLoaded, SoldOut
from quote_service.selling.flash_sales.model.reservation import read_reservation
from quote_service.selling.flash_sales.model.sale import SaleDraft
from quote_service.selling.flash_sales.operations.buying.admit_directly import admit_directly
from quote_service.selling.flash_sales.operations.buying.buy import _ask_of
from quote_service.selling.flash_sales.operations.buying.decide_purchase import cancel_purchase, confirm_purchase
from quote_service.selling.flash_sales.operations.buying.find_purchase import find_purchase, find_purchase_by_key
from quote_service.selling.flash_sales.operations.recording.expire_purchases import expire_purchases
from quote_service.selling.flash_sales.operations.recording.notify_redis import notify_redis
from quote_service.selling.flash_sales.operations.recording.record_purchases import record_purchases
from quote_service.selling.flash_sales.operations.recording.record_stream import record_entries
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import FlashSaleRuntime
from quote_service.selling.flash_sales.operations.sales.replace_sale import replace_sale
from quote_service.selling.flash_sales.operations.upkeep.audit_sale import CLOCKS_APART
from quote_service.selling.flash_sales.tables.audit import find_violations, terms_of_sale
from quote_service.selling.flash_sales.tables.stream import ReservationStream, StreamEntry
from tests.flash_sales.item_model import TAKEN, Key, Ledger, Stock, Taken
from tests.flash_sales.quiet_shop import PRICE, QuietShop, put_on_sale, quiet_shop

BOUNDED = settings(
    max_examples=15,
    stateful_step_count=25,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
CUSTOMERS = [uuid4() for _ in range(5)]
LIMIT = 4

customers = st.sampled_from(CUSTOMERS)
keys = st.sampled_from("abcdef")
quantities = st.sampled_from([1, 1, 1, 2, 2, 3, 4])
orders = st.lists(st.tuples(customers, keys, quantities), min_size=2, max_size=5)
places = st.integers(0, 7)
_Result = TypeVar("_Result")


class Item(RuleBasedStateMachine):
    """One item of a sale; `runtime` and `runner` are shared by all."""

    def __init__(self, runner: asyncio.Runner, runtime: FlashSaleRuntime) -> None:
        super().__init__()
        self.runner = runner
        self.runtime = runtime
        self.seen: dict[Key, set[UUID]] = {}
        self.promised: set[UUID] = set()
        self.in_hand: list[StreamEntry] = []
        self.copy: tuple[Stock, list[bytes | None]] | None = None
        #: What was refused for good, and for how many units: by Redis, and by PostgreSQL.
        self.refused_by_redis: dict[Key, tuple[int, type[QuoteServiceError]]] = {}
        self.refused_by_postgres: dict[Key, tuple[int, type[QuoteServiceError]]] = {}

    def run(self, work: Awaitable[_Result]) -> _Result:
        async def awaited() -> _Result:
            return await work

        return self.runner.run(awaited())

    @initialize(allocated=st.integers(5, 15), hold=st.sampled_from([None, 86_400]))
    def begin(self, allocated: int, hold: int | None) -> None:
        self.shop: QuietShop = self.run(put_on_sale(self.runtime, allocated=allocated, limit=LIMIT, hold_seconds=hold))
        item = self.run(self.shop.item())
        self.item_id = item.id
        self.ledger = Ledger(allocated, LIMIT, hold is not None, item.epoch)
        self.stock: Stock | None = self.ledger.rebuilt(item.epoch)

    # Buyers.

    @rule(orders=orders)
    def buy(self, orders: list[tuple[UUID, str, int]]) -> None:
        for order in orders:
            self.buy_one(*order)

    @rule(orders=orders)
    def buy_and_record(self, orders: list[tuple[UUID, str, int]]) -> None:
        self.buy(orders)
        self.record()

    def buy_one(self, customer: UUID, key: str, quantity: int) -> None:
        expected = self.expected((customer, key), quantity)
        if isinstance(expected, type):
            with pytest.raises(expected):
                self.run(self.shop.buy(customer, key, quantity))
            if expected in (LimitReached, SoldOut) and not self.refused_before((customer, key), quantity):
                self.refused_by_redis[customer, key] = quantity, expected
            return
        bought = self.run(self.shop.buy(customer, key, quantity))
        if isinstance(expected, UUID):
            assert bought.purchase_id == expected
        else:
            assert self.stock is not None
            assert bought.status == "reserved"
            self.stock.reserve(Taken(bought.purchase_id, (customer, key), quantity, self.stock.epoch))
        self.note_seen((customer, key), bought.purchase_id, bought.status)

    def refused_before(self, key: Key, quantity: int, *, by_postgres: bool = True) -> type[QuoteServiceError] | None:
        """What a repeat is told, where the key was refused for good."""
        known = self.refused_by_redis.get(key) or (self.refused_by_postgres.get(key) if by_postgres else None)
        return known and (known[1] if known[0] == quantity else IdempotencyKeyReused)

    def expected(self, key: Key, quantity: int) -> UUID | type[QuoteServiceError] | None:
        """The purchase made before, the refusal, or None: units are taken."""
        stock, kept = self.stock, self.ledger.by_key(key)
        known = stock.named.get(key) if stock else None
        cached = self.runtime.item_cache.item(self.item_id)
        if kept is not None and (cached.is_drifted if cached else self.ledger.is_drifted):
            return kept.id if kept.quantity == quantity else IdempotencyKeyReused
        if (cached.is_drifted if cached else self.ledger.is_drifted) and key in self.refused_by_postgres:
            refused = self.refused_by_postgres[key]
            return refused[1] if refused[0] == quantity else IdempotencyKeyReused
        if (
            known is None
            and not self.ledger.is_over
            and (reported := self.refused_before(key, quantity, by_postgres=False))
        ):
            return reported
        if self.ledger.is_over or (known is None and stock is None):
            if kept is not None:
                return kept.id if kept.quantity == quantity else IdempotencyKeyReused
            if known is not None and known.quantity == quantity:
                return known.id
            if reported := self.refused_before(key, quantity):
                return reported
            return SaleNotActive if self.ledger.is_over else SaleNotLoaded
        if known is not None:
            return known.id if known.quantity == quantity else IdempotencyKeyReused
        assert stock is not None
        if stock.epoch != self.ledger.epoch:
            return SaleNotLoaded
        if stock.owned[key[0]] + quantity > LIMIT:
            return LimitReached
        return SoldOut if stock.left < quantity else None

    @rule(orders=orders)
    def buy_while_redis_is_away(self, orders: list[tuple[UUID, str, int]]) -> None:
        for order in orders:
            self.buy_one_directly(*order)

    def buy_one_directly(self, customer: UUID, key: str, quantity: int) -> None:
        async def admit() -> tuple[UUID, bool]:
            item = await self.shop.item()
            draft = PurchaseDraft(product_id=item.product_id, quantity=quantity, expected_price=PRICE)
            ask = _ask_of(item, customer, draft, key, now_us() // 1000)
            return ask.id, await admit_directly(self.shop.database, ask)

        ledger, kept = self.ledger, self.ledger.by_key((customer, key))
        expected: type[QuoteServiceError] | None = None
        if kept is not None:
            expected = None if kept.quantity == quantity else IdempotencyKeyReused
        elif (customer, key) in self.refused_by_postgres:
            refused = self.refused_by_postgres[customer, key]
            expected = refused[1] if refused[0] == quantity else IdempotencyKeyReused
        elif ledger.is_over:
            expected = SaleNotActive
        elif ledger.owned[customer] + quantity > LIMIT:
            expected = LimitReached
        elif ledger.sold + quantity > ledger.allocated:
            expected = SoldOut
        if expected is not None:
            with pytest.raises(expected):
                self.run(admit())
            if expected in (LimitReached, SoldOut) and (customer, key) not in self.refused_by_postgres:
                self.refused_by_postgres[customer, key] = quantity, expected
                ledger.is_drifted = True
            return
        made, is_known = self.run(admit())
        assert is_known == (kept is not None)
        if kept is None:
            ledger.take(Taken(made, (customer, key), quantity, ledger.epoch))
            ledger.is_drifted = True
        self.note_seen((customer, key), made if kept is None else kept.id, "reserved")

    @rule(place=places)
    def confirm(self, place: int) -> None:
        self.decide(place, "confirmed")

    @rule(place=places)
    def cancel(self, place: int) -> None:
        self.decide(place, "cancelled")

    def decide(self, place: int, wanted: str) -> None:
        purchase = self.one_seen(place)
        if purchase is None:
            return
        ledger, on_its_way = self.ledger, self.stock.held.get(purchase) if self.stock else None
        if purchase not in ledger.records and on_its_way is not None:
            ledger.record([on_its_way])
        record = ledger.records.get(purchase)
        flow = confirm_purchase if wanted == "confirmed" else cancel_purchase
        try:
            decided = self.run(flow(self.runtime, purchase))
        except NotFound:
            assert record is None
            return
        except PurchaseDecided:
            assert record is not None
            assert record.status not in ("reserved", wanted)
            return
        assert record is not None
        assert record.status in ("reserved", wanted)
        assert decided.status == wanted
        if record.status == "reserved" and self.stock is not None:
            (self.stock.settle if wanted == "confirmed" else self.stock.release)(purchase)
        record.status = wanted
        self.note_seen(record.taken.key, purchase, decided.status)

    @rule(place=places)
    def look(self, place: int) -> None:
        purchase = self.one_seen(place)
        if purchase is None:
            return
        record = self.ledger.records.get(purchase)
        on_its_way = self.stock is not None and purchase in self.stock.held
        try:
            found = self.run(find_purchase(self.runtime, purchase))
        except NotFound:
            assert record is None
            assert not on_its_way
            return
        assert found.status == (record.status if record else "reserved")

    @rule(customer=customers, key=keys)
    def look_by_key(self, customer: UUID, key: str) -> None:
        kept = self.ledger.by_key((customer, key))
        try:
            found = self.run(find_purchase_by_key(self.runtime, customer, key, self.shop.sale.id))
        except NotFound:
            assert kept is None
            return
        known = self.stock.named.get((customer, key)) if self.stock else None
        assert found.purchase_id == (kept or cast("Taken", known)).id
        self.note_seen((customer, key), found.purchase_id, found.status)

    # Workers.

    @rule()
    def record(self) -> None:
        if self.stock is not None:
            self.ledger.record(self.stock.stream)
            self.ledger.finish(self.stock, self.stock.stream)
        self.run(self.shop.record())

    @rule()
    def record_and_die_before_acknowledging(self) -> None:
        async def record() -> None:
            entries = await self.runtime.stream.everything(self.item_id)
            async with self.shop.database.transaction() as connection:
                await record_purchases(connection, self.item_id, [read_reservation(one.text) for one in entries])

        if self.stock is not None:
            self.ledger.record(self.stock.stream)
        self.run(record())

    @rule()
    @precondition(lambda self: not self.in_hand)
    def take_entries_and_stand_still(self) -> None:
        stream = ReservationStream(self.runtime.library, consumer=f"still-{uuid4().hex}")
        self.in_hand = self.run(stream.read_new([self.item_id], 1)).get(self.item_id, [])

    @rule()
    @precondition(lambda self: self.in_hand)
    def go_on_with_entries_in_hand(self) -> None:
        entries, self.in_hand = self.in_hand, []
        reservations = [read_reservation(entry.text) for entry in entries]
        taken = [Taken(one.id, (one.customer_id, one.idempotency_key), one.quantity, one.epoch) for one in reservations]
        self.ledger.record(taken)
        self.ledger.finish(self.stock, taken)
        self.run(record_entries(self.shop.database, self.runtime.stream, self.item_id, entries))

    @rule(place=places)
    @precondition(lambda self: self.ledger.is_held)
    def expire(self, place: int) -> None:
        held = [one for one in self.ledger.records.values() if one.status == "reserved"]
        if not held:
            return
        record = held[place % len(held)]
        self.change(
            "UPDATE flash_sale_purchases SET expires_at = now() - interval '1 s' WHERE id = $1", record.taken.id
        )
        assert self.run(expire_purchases(self.shop.database)) == 1
        self.run(notify_redis(self.shop.database, self.runtime.upkeep))
        record.status = "expired"
        if self.stock is not None:
            self.stock.release(record.taken.id)

    @rule(place=places)
    def release_again(self, place: int) -> None:
        over = [one.taken.id for one in self.ledger.records.values() if one.status not in TAKEN]
        free = [one for one in over if self.stock is None or one not in self.stock.held]
        if free:
            assert self.run(self.runtime.upkeep.release(self.item_id, [free[place % len(free)]])) == 0

    @rule()
    def keep(self) -> None:
        """The maintenance looks: it builds Redis again exactly where it has to be."""
        must = self.stock is None or self.ledger.is_drifted or self.stock.epoch != self.ledger.epoch
        self.run(self.shop.follow())
        self.followed()
        assert not must or self.was_rebuilt

    def followed(self) -> None:
        epoch = self.run(self.shop.item()).epoch
        self.was_rebuilt = epoch != self.ledger.epoch
        if self.was_rebuilt:
            if self.stock is not None:
                self.ledger.record(self.stock.stream)
            self.stock = self.ledger.rebuilt(epoch)
            self.refused_by_redis.update(self.refused_by_postgres)
        elif self.stock is not None:
            self.stock.left += self.ledger.allocated - self.stock.allocated
            self.stock.allocated = self.ledger.allocated

    # Whoever runs the sale.

    @rule(allocated=st.integers(3, 18))
    def write_stock(self, allocated: int) -> None:
        async def write() -> None:
            async with self.shop.database.transaction() as connection:
                began = await connection.fetchval("SELECT starts_at FROM flash_sales WHERE id = $1", self.shop.sale.id)
                fields = msgspec.structs.asdict(self.shop.sale)
                draft = SaleDraft(
                    **{name: fields[name] for name in ("name", "ends_at", "hold_seconds")},
                    starts_at=began,
                    items=[msgspec.structs.replace(fields["items"][0], allocated_stock=allocated)],
                )
                await replace_sale(
                    self.runtime.upkeep,
                    Change.within(connection, change_by_system("test", now_us())),
                    self.shop.sale.id,
                    draft,
                    UNCONDITIONAL,
                )
            await self.shop.follow()

        ledger, stock = self.ledger, self.stock
        is_one = stock is not None and stock.epoch == ledger.epoch
        taken_in_redis = stock.allocated - stock.left if stock is not None and is_one else 0
        is_lowered = allocated < ledger.allocated
        try:
            self.run(write())
        except SaleStateForbids:
            assert ledger.is_over
            return
        except StockBelowSold:
            assert allocated < max(ledger.sold, taken_in_redis)
            return
        assert allocated >= ledger.sold
        assert not ledger.is_over
        assert not is_lowered or allocated >= taken_in_redis
        ledger.allocated = allocated
        self.followed()

    @rule()
    @precondition(lambda self: not self.ledger.is_over and len(self.seen) > 5)
    def end(self) -> None:
        self.run(self.shop.move("end"))
        self.ledger.is_over = True
        self.followed()

    # What breaks.

    @rule()
    def lose_redis(self) -> None:
        self.run(self.redis("DEL", *item_keys(self.item_id)))
        self.stock = None

    # Chance alone seldom brings these together.

    @rule(orders=orders)
    @precondition(lambda self: not self.in_hand)
    def lose_redis_while_a_worker_stands_still(self, orders: list[tuple[UUID, str, int]]) -> None:
        self.keep()
        self.buy(orders)
        self.take_entries_and_stand_still()
        self.lose_redis()
        self.keep()
        if self.in_hand:
            self.go_on_with_entries_in_hand()

    @rule(before=orders, meanwhile=orders)
    def lose_touch_with_redis_for_a_while(
        self, before: list[tuple[UUID, str, int]], meanwhile: list[tuple[UUID, str, int]]
    ) -> None:
        self.keep()
        self.buy(before)
        self.buy_while_redis_is_away(meanwhile)
        self.keep()

    @rule()
    @precondition(lambda self: self.stock is not None)
    def copy_redis(self) -> None:
        dumps = [self.run(self.redis("DUMP", key)) for key in item_keys(self.item_id)]
        assert self.stock is not None
        self.copy = deepcopy(self.stock), dumps

    @rule(orders=orders)
    @precondition(lambda self: self.stock is not None)
    def fail_over_to_a_replica_that_lags(self, orders: list[tuple[UUID, str, int]]) -> None:
        self.copy_redis()
        self.buy_and_record(orders)
        self.fail_over_to_the_copy()

    @rule()
    @precondition(lambda self: self.copy is not None)
    def fail_over_to_the_copy(self) -> None:
        """Another server, which lags behind."""
        assert self.copy is not None
        stock, dumps = self.copy
        for key, dump in zip(item_keys(self.item_id), dumps, strict=True):
            self.run(self.redis("DEL", key))
            if dump is not None:
                self.run(self.redis("RESTORE", key, 0, dump))
        self.change("UPDATE flash_sale_items SET redis_run_id = 'another' WHERE id = $1", self.item_id)
        self.stock = deepcopy(stock)

    # What holds after each step.

    @invariant()
    def redis_is_as_the_model_says(self) -> None:
        figures = self.run(self.runtime.upkeep.figures(self.item_id))
        if self.stock is None:
            assert figures.epoch is None
            return
        assert (figures.epoch, figures.stock, figures.allocated, figures.waiting) == (
            self.stock.epoch,
            self.stock.left,
            self.stock.allocated,
            len(self.stock.stream),
        )
        assert 0 <= figures.stock <= figures.allocated  # I10
        contents = self.run(self.runtime.upkeep.contents(self.item_id))
        assert contents.owned == {str(one): units for one, units in self.stock.owned.items() if units}  # I7
        assert contents.held == contents.undecided == set(map(str, self.stock.held))
        assert contents.named == {f"{one[0]}|{one[1]}": str(taken.id) for one, taken in self.stock.named.items()}

    @invariant()
    def postgres_is_as_the_model_says(self) -> None:
        async def rows() -> tuple[dict[UUID, str], list[Any]]:
            async with self.shop.database.snapshot() as connection:
                purchases = await connection.fetch(
                    "SELECT id, status FROM flash_sale_purchases WHERE sale_id = $1", self.shop.sale.id
                )
                terms = await terms_of_sale(connection, self.shop.sale.id)
                found = await find_violations(connection, self.shop.sale.id, terms, CLOCKS_APART)
            return {row["id"]: row["status"] for row in purchases}, found

        recorded, broken = self.run(rows())
        assert broken == []  # I1, I2, I3, I8, I9, I12
        assert recorded == {one: record.status for one, record in self.ledger.records.items()}
        item = self.run(self.shop.item())
        assert (item.sold, item.allocated, item.is_drifted) == (
            self.ledger.sold,
            self.ledger.allocated,
            self.ledger.is_drifted,
        )
        asked = {one for ids in self.seen.values() for one in ids}
        assert recorded.keys() <= asked  # I5
        for ids in self.seen.values():  # I3: whatever a key was told, it has one purchase
            keyed = [one for one in ids if one in self.ledger.records and self.ledger.records[one].has_key]
            assert len(keyed) <= 1
        assert all(recorded.get(one) == "confirmed" for one in self.promised)  # I4

    def teardown(self) -> None:
        """Once all is recorded and built, nothing is missing and nothing is left over (I6, I12)."""
        if not hasattr(self, "shop"):
            return
        self.keep()
        self.record()
        self.keep()
        assert self.run(self.shop.findings()) == []

    # Tools.

    def note_seen(self, key: Key, purchase: UUID, status: str) -> None:
        self.seen.setdefault(key, set()).add(purchase)
        if status == "confirmed":
            self.promised.add(purchase)

    def one_seen(self, place: int) -> UUID | None:
        ids = sorted({one for ids in self.seen.values() for one in ids})
        return ids[place % len(ids)] if ids else None

    async def redis(self, *words: Any) -> Any:
        return await cast("Any", self.runtime.library.client).execute_command(*words)

    def change(self, statement: str, value: object) -> None:
        async def execute() -> None:
            async with self.shop.database.transaction() as connection:
                await connection.execute(statement, value)

        self.run(execute())


@pytest.mark.long("15 histories of a sale beside a model")
def test_an_item_is_as_the_model_says(database_url: str, redis_url: str) -> None:
    chosen = settings() if settings.get_current_profile_name() == "long" else BOUNDED
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        try:
            shop = runner.run(stack.enter_async_context(quiet_shop(database_url, redis_url)))

            left_over: list[object] = []

            class ItemHere(Item):
                def __init__(self) -> None:
                    super().__init__(runner, shop.runtime)

                def teardown(self) -> None:
                    super().teardown()
                    if hasattr(self, "shop"):
                        left_over.append(self.run(self.shop.findings()))

            run_state_machine_as_test(ItemHere, settings=chosen)
            assert left_over
            assert not any(left_over), "at the end of each run Redis and PostgreSQL agree"
        finally:
            runner.run(stack.aclose())
