"""The audit finds whatever is broken in the databases of a real sale, and nothing where all holds.

Source: docs/spec/flash-sales.md#invariants.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest
from click.testing import CliRunner, Result

from quote_service.platform.money.numbers import read_number
from quote_service.platform.postgres.change import Change
from quote_service.platform.redis_store.keys import item_keys
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.selling.flash_sales.model.audit import INVARIANTS
from quote_service.selling.flash_sales.model.sale import SaleDraft
from quote_service.selling.flash_sales.operations.buying.decide_purchase import cancel_purchase, confirm_purchase
from quote_service.selling.flash_sales.operations.recording.record_purchases import record_purchases
from quote_service.selling.flash_sales.operations.sales.replace_sale import replace_sale
from quote_service.selling.flash_sales.tables.upkeep import GROUP
from quote_service.serving.cli import main
from tests.flash_sales.quiet_shop import QuietShop, quiet_shop
from tests.flash_sales.test_recording import reservation


@dataclass
class Scene:
    """A sale of 6 units: one customer has bought 2, one holds 1, one gave 1 up."""

    shop: QuietShop
    database_url: str
    redis_url: str
    item_id: int
    buyer: UUID
    bought: UUID
    held: UUID
    given_up: UUID
    key: str

    async def audit(self, *options: str, sale_id: object = None, **environment: str) -> Result:
        """`quote-service flash-sales audit`."""
        arguments = ["flash-sales", "audit", str(sale_id or self.shop.sale.id), *options]
        environment = {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url, **environment}
        return await asyncio.to_thread(CliRunner().invoke, main, arguments, env=environment)

    async def broken(self) -> set[str]:
        """The invariants that are said to be broken."""
        result = await self.audit("--json")
        found = msgspec.json.decode(result.stdout)
        assert (result.exit_code, found["holds"]) == ((1, False) if found["findings"] else (0, True)), result.output
        return {finding["invariant"] for finding in found["findings"]}

    async def redis(self, command: str) -> Any:
        """Run a command on the keys of the item: `m` is the key of its counts, and so on."""
        keys = dict(zip("murxiq", item_keys(self.item_id), strict=True))
        words = [keys.get(word, word) for word in command.format(**self.names()).split()]
        return await self.shop.runtime.library.client.execute_command(*words)

    async def postgres(self, *statements: str) -> None:
        """Run statements as the superuser, with triggers and foreign keys off."""
        connection = await asyncpg.connect(self.database_url)
        try:
            await connection.execute("SET session_replication_role = replica")
            for statement in statements:
                await connection.execute(statement.format(**self.names()))
        finally:
            await connection.close()

    def names(self) -> dict[str, Any]:
        return {
            "item": self.item_id,
            "sale": self.shop.sale.id,
            "buyer": self.buyer,
            "bought": self.bought,
            "held": self.held,
            "given_up": self.given_up,
            "key": self.key,
            "stranger": uuid4(),
        }


@asynccontextmanager
async def open_scene(database_url: str, redis_url: str) -> AsyncIterator[Scene]:
    async with quiet_shop(database_url, redis_url, hold_seconds=600) as shop:
        buyer, key = uuid4(), uuid4().hex
        bought, held, given_up = (await shop.buy(buyer, key, 2), *[await shop.buy(uuid4(), uuid4().hex) for _ in "12"])
        await confirm_purchase(shop.runtime, bought.purchase_id)
        await cancel_purchase(shop.runtime, given_up.purchase_id)
        await shop.record()
        ids = (bought.purchase_id, held.purchase_id, given_up.purchase_id)
        yield Scene(shop, database_url, redis_url, (await shop.item()).id, buyer, *ids, key)


IN_REDIS = [
    ("HINCRBY m stock 1", {"I6"}),
    ("HSET m stock -1", {"I6", "I10"}),
    ("HSET m stock 7", {"I6", "I10"}),
    ("HSET m allocated 5", {"I6"}),
    ("HSET m epoch 9", {"I6"}),
    ("HSET m state recovering", {"I6"}),
    ("DEL m u r x i q", {"I6"}),
    ("HINCRBY u {buyer} 1", {"I7"}),
    ("HDEL u {buyer}", {"I7"}),
    ("HSET u {stranger} 1", {"I7"}),
    # The only hold: with it the whole part is gone, which is built again.
    ("HDEL r {held}", {"I6", "I7"}),
    ("HSET r {bought} x", {"I7"}),
    ("ZREM x {held}", {"I6", "I7"}),
    ("ZADD x 1 {stranger}", {"I7"}),
    ("HDEL i {buyer}|{key}", {"I3"}),
    ("HSET i {buyer}|{key} {held}|x", {"I3"}),
    ("HSET i {buyer}|other {stranger}|x", {"I3"}),
    ("XADD q * e nonsense", {"I12"}),
]


@pytest.mark.parametrize(("command", "broken"), IN_REDIS, ids=[command for command, _ in IN_REDIS])
async def test_what_is_wrong_in_redis_is_found(
    database_url: str, redis_url: str, command: str, broken: set[str]
) -> None:
    async with open_scene(database_url, redis_url) as scene:
        await scene.redis(command)
        assert await scene.broken() == broken


IN_POSTGRES = {
    "a unit more is said to be sold": (
        ["UPDATE flash_sale_items SET sold = sold + 1 WHERE id = {item}"],
        {"I1", "I6", "I8"},
    ),
    "more is sold than there is": (
        [
            "ALTER TABLE flash_sale_items DROP CONSTRAINT IF EXISTS flash_sale_items_sold",
            "UPDATE flash_sale_items SET allocated = 2 WHERE id = {item}",
        ],
        {"I1", "I6", "I10"},
    ),
    "more was taken once than there was": (
        [
            "UPDATE flash_sale_ledger SET delta = 60 WHERE purchase_id = '{given_up}' AND kind = 'take'",
            "UPDATE flash_sale_ledger SET delta = -60 WHERE purchase_id = '{given_up}' AND kind = 'give_back'",
        ],
        {"I1"},
    ),
    "a customer has more than the limit": (
        ["UPDATE flash_sale_purchases SET quantity = 3 WHERE id = '{bought}'"],
        {"I1", "I2", "I8"},
    ),
    "a customer is counted wrongly": (
        ["UPDATE flash_sale_customers SET quantity = 1 WHERE customer_id = '{buyer}'"],
        {"I2", "I7"},
    ),
    "a customer is counted who bought nothing": (
        ["INSERT INTO flash_sale_customers VALUES ({item}, '{stranger}', 1)"],
        {"I2", "I7"},
    ),
    "a key has two purchases": (
        [
            "ALTER TABLE flash_sale_purchases DROP CONSTRAINT IF EXISTS flash_sale_purchases_key",
            "UPDATE flash_sale_purchases SET customer_id = '{buyer}', idempotency_key = '{key}' WHERE id = '{given_up}'",
        ],
        {"I3"},
    ),
    "a purchase has no key": (
        ["UPDATE flash_sale_purchases SET idempotency_key = NULL WHERE id = '{bought}'"],
        {"I3"},
    ),
    "a purchase is gone": (
        ["DELETE FROM flash_sale_purchases WHERE id = '{bought}'"],
        {"I1", "I2", "I3"},
    ),
    "a decision was made twice": (
        ["UPDATE flash_sale_purchases SET status = 'expired' WHERE id = '{held}'"],
        {"I1", "I2", "I7", "I8"},
    ),
    "a movement is not in the ledger": (
        ["DELETE FROM flash_sale_ledger WHERE purchase_id = '{bought}'"],
        {"I8"},
    ),
    "a movement is of another item": (
        ["UPDATE flash_sale_ledger SET item_id = {item} + 1000000 WHERE purchase_id = '{bought}'"],
        {"I8"},
    ),
    "it was bought before the sale": (
        ["UPDATE flash_sale_purchases SET reserved_at = reserved_at - interval '1 hour' WHERE id = '{bought}'"],
        {"I9"},
    ),
    "it was bought after the sale": (
        ["UPDATE flash_sale_purchases SET reserved_at = reserved_at + interval '2 hours' WHERE id = '{held}'"],
        {"I9"},
    ),
    "it was bought at another price": (
        ["UPDATE flash_sale_purchases SET unit_price_minor = 1998 WHERE id = '{bought}'"],
        {"I9"},
    ),
    "an entry was put aside": (
        ["INSERT INTO flash_sale_dead_letters (item_id, entry_id, payload, reason) VALUES ({item}, '1-1', 'x', 'y')"],
        {"I12"},
    ),
    "the stream was recorded further than Redis has it": (
        ["UPDATE flash_sale_items SET high_water_ms = high_water_ms + 1 WHERE id = {item}"],
        {"I6"},
    ),
    "Redis was not told": (
        ["UPDATE flash_sale_purchases SET redis_due = 'settle' WHERE id = '{bought}'"],
        {"I12"},
    ),
}


@pytest.mark.parametrize("kind", IN_POSTGRES)
async def test_what_is_wrong_in_postgres_is_found(database_url: str, redis_url: str, kind: str) -> None:
    statements, broken = IN_POSTGRES[kind]
    async with open_scene(database_url, redis_url) as scene:
        await scene.postgres(*statements)
        assert await scene.broken() == broken


async def test_an_entry_that_was_taken_and_deleted_is_found(database_url: str, redis_url: str) -> None:
    async with open_scene(database_url, redis_url) as scene:
        entry = await scene.redis("XADD q * e nonsense")
        await scene.redis(f"XREADGROUP GROUP {GROUP} somebody COUNT 10 STREAMS q >")
        await scene.redis(f"XDEL q {entry.decode()}")
        assert await scene.broken() == {"I12"}


async def test_a_sound_sale_is_said_to_be_sound(database_url: str, redis_url: str) -> None:
    async with open_scene(database_url, redis_url) as scene:
        reported = await scene.audit()
        assert reported.exit_code == 0, reported.output
        lines = reported.stdout.splitlines()
        assert lines[0].startswith(f"Flash sale {scene.shop.sale.id} (quiet), active, at 20")
        assert lines[1].endswith("6 allocated, 2 confirmed, 1 reserved, 3 left in Redis, 0 to be recorded")
        assert [line.split()[:2] for line in lines[-len(INVARIANTS) :]] == [[one, "holds"] for one in INVARIANTS]
        found = msgspec.json.decode((await scene.audit("--json")).stdout)
        assert (found["holds"], found["rebuilt"], found["recoveries"], found["rejected"]) == (True, 1, {}, 0)


async def test_what_breaks_nothing_is_reported(database_url: str, redis_url: str) -> None:
    """Recoveries, late refusals, and holds that no worker lets expire."""
    async with open_scene(database_url, redis_url) as scene:
        shop = scene.shop
        async with shop.database.transaction() as connection:
            refused = reservation(await shop.item(), quantity=7)
            await record_purchases(connection, scene.item_id, [refused])
        await shop.follow()
        overdue = "UPDATE flash_sale_purchases SET expires_at = now() - interval '1 hour' WHERE id = '{held}'"
        await scene.postgres(overdue)
        reported = await scene.audit()
        assert reported.exit_code == 0, reported.output
        for line in (
            "  rebuilt in Redis: drifted 1",
            "  late refusals: limit_reached_after_recovery 1",
            "  dead letters: 0",
            "  note: 1 purchases are held past their time: no worker lets them expire",
        ):
            assert line in reported.stdout.splitlines()


async def test_terms_that_changed_break_nothing(database_url: str, redis_url: str) -> None:
    async with open_scene(database_url, redis_url) as scene:
        shop, sale = scene.shop, scene.shop.sale
        price = read_number("15.50")
        item = msgspec.structs.replace(sale.items[0], sale_price=price, per_customer_limit=1, allocated_stock=4)
        draft = SaleDraft(
            name=sale.name, starts_at=sale.starts_at, ends_at=sale.ends_at, hold_seconds=600, items=[item]
        )
        async with shop.database.transaction() as connection:
            # An active sale began when it was activated.
            began = await connection.fetchval("SELECT starts_at FROM flash_sales WHERE id = $1", sale.id)
            draft = msgspec.structs.replace(draft, starts_at=began)
            change = change_by_system("test", now_us())
            await replace_sale(shop.runtime.upkeep, Change.within(connection, change), sale.id, draft, UNCONDITIONAL)
        await shop.follow()
        await shop.buy(uuid4(), uuid4().hex, price=price)
        await shop.record()
        assert await scene.broken() == set()


@pytest.mark.parametrize("is_known", [True, False], ids=["it was let go", "it was lost"])
async def test_a_sale_that_is_over_and_gone_from_redis_is_audited(
    database_url: str, redis_url: str, is_known: bool
) -> None:
    async with open_scene(database_url, redis_url) as scene:
        await cancel_purchase(scene.shop.runtime, scene.held)
        await scene.shop.move("end")
        if not is_known:
            await scene.postgres("UPDATE flash_sale_items SET retired_at = NULL WHERE id = {item}")
        await scene.redis("DEL m u r x i q")
        reported = await scene.audit()
        assert reported.exit_code == 0, reported.output
        gone = "has left Redis" if is_known else "Redis has lost it"
        assert f"  note: item {scene.item_id} is over and {gone}: only its records were audited" in (
            reported.stdout.splitlines()
        )
        await scene.postgres("UPDATE flash_sale_items SET sold = 0 WHERE id = {item}")
        assert await scene.broken() == {"I1", "I8"}


async def test_a_sale_that_has_not_begun_is_sound(database_url: str, redis_url: str) -> None:
    async with open_scene(database_url, redis_url) as scene:
        await scene.postgres(
            "UPDATE flash_sales SET state = 'scheduled' WHERE id = '{sale}'",
            "UPDATE flash_sale_items SET epoch = 0 WHERE id = {item}",
        )
        assert await scene.broken() == set()


async def test_an_audit_may_wait_until_all_is_recorded(database_url: str, redis_url: str) -> None:
    async with open_scene(database_url, redis_url) as scene:
        await scene.shop.buy(uuid4(), uuid4().hex)
        assert await scene.broken() == {"I3", "I6", "I7", "I12"}
        waiting = asyncio.create_task(scene.audit("--wait", "60"))
        await scene.shop.record()
        assert (await waiting).exit_code == 0


async def test_a_sale_that_cannot_be_audited_is_another_exit_status(database_url: str, redis_url: str) -> None:
    async with open_scene(database_url, redis_url) as scene:
        nobody = "127.0.0.1:1"
        for result in (
            await scene.audit(sale_id=uuid4()),
            await scene.audit(sale_id="x"),
            await scene.audit(DATABASE_URL=f"postgresql://x@{nobody}/x"),
            await scene.audit(REDIS_URL=f"redis://{nobody}/0"),
            await scene.audit(DATABASE_URL=""),
            await scene.audit(REDIS_URL=""),
        ):
            assert (result.exit_code, result.stdout) == (2, "")
            assert result.stderr


async def test_the_command_ends_with_the_status(database_url: str, redis_url: str) -> None:
    """As a process of its own, once."""
    async with open_scene(database_url, redis_url) as scene:
        await scene.redis("HINCRBY m stock 1")
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "quote_service", "flash-sales", "audit", str(scene.shop.sale.id)),
            env={**os.environ, "DATABASE_URL": database_url, "REDIS_URL": redis_url},
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await process.communicate()
        assert process.returncode == 1
        assert f"item {scene.item_id}, stock 4 and 3 taken are not 6 allocated" in output.decode()
