"""A limit that is lowered while a sale goes on: what was admitted before stays good, the new one counts from then on.

Source: docs/spec/flash-sales.md#changing-a-sale; docs/decisions/former-limits.md.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from uuid import UUID, uuid4

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.postgres.change import Change
from quote_service.platform.redis_store.keys import item_keys
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.selling.flash_sales.model.limits import FormerLimit, limit_of
from quote_service.selling.flash_sales.model.reservation import Reservation
from quote_service.selling.flash_sales.model.sale import SaleDraft
from quote_service.selling.flash_sales.operations.recording.record_purchases import Recorded, record_purchases
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import FlashSaleRuntime
from quote_service.selling.flash_sales.operations.sales.replace_sale import replace_sale
from quote_service.selling.flash_sales.operations.upkeep.audit_sale import audit_sale
from quote_service.selling.flash_sales.operations.upkeep.maintain_items import follow_sale
from quote_service.selling.flash_sales.operations.upkeep.rebuild_item import rebuild_item
from quote_service.selling.flash_sales.tables.sales import read_sale
from tests.conftest import eventually
from tests.flash_sales.history import check_history
from tests.flash_sales.quiet_shop import QuietShop, quiet_shop
from tests.flash_sales.test_faults import Shop, open_shop
from tests.flash_sales.test_functions_and_scripts import outcome
from tests.flash_sales.test_recording import reservation


async def set_limit(runtime: FlashSaleRuntime, sale_id: UUID, limit: int, *, follows: bool = True) -> None:
    """As an admin's PUT does; `follows` False: the process dies between its commit and telling Redis."""
    async with runtime.database.transaction() as connection:
        kept = await read_sale(connection, sale_id)
        items = [msgspec.structs.replace(item, per_customer_limit=limit) for item in kept.items]
        draft = SaleDraft(
            name=kept.name,
            starts_at=kept.starts_at,
            ends_at=kept.ends_at,
            hold_seconds=kept.hold_seconds,
            items=items,
        )
        await replace_sale(
            runtime.upkeep, Change.within(connection, change_by_system("test", now_us())), sale_id, draft, UNCONDITIONAL
        )
    if follows:
        # Redis has half a second for a command here, which a busy machine may need more than once.
        assert any([await follow_sale(runtime, sale_id) for _ in range(5)])


async def statuses(shop: QuietShop) -> Counter[str]:
    async with shop.database.read() as connection:
        rows = await connection.fetch("SELECT status FROM flash_sale_purchases WHERE sale_id = $1", shop.sale.id)
    return Counter(row["status"] for row in rows)


async def record(shop: QuietShop, *made: Reservation) -> Recorded:
    async with shop.database.transaction() as connection:
        return await record_purchases(connection, made[0].item_id, made)


async def test_what_was_admitted_under_the_former_limit_is_confirmed(database_url: str, redis_url: str) -> None:
    async with quiet_shop(database_url, redis_url, allocated=20, limit=3) as shop:
        one, other = uuid4(), uuid4()
        for key in "abc":
            assert await outcome(shop, one, key) == "reserved"
        assert await outcome(shop, other, "a", 3) == "reserved"
        await set_limit(shop.runtime, shop.sale.id, 1)
        assert await outcome(shop, one, "d") == "limit-reached"
        assert await outcome(shop, uuid4(), "a", 2) == "limit-reached"
        assert await outcome(shop, uuid4(), "a") == "reserved"
        await shop.record()
        assert await statuses(shop) == {"confirmed": 5}
        assert not (await shop.item()).is_drifted
        assert await shop.findings() == []


async def test_until_redis_hears_of_it_the_former_limit_counts(database_url: str, redis_url: str) -> None:
    async with quiet_shop(database_url, redis_url, allocated=20, limit=3) as shop:
        await set_limit(shop.runtime, shop.sale.id, 2, follows=False)
        await set_limit(shop.runtime, shop.sale.id, 1, follows=False)
        assert await outcome(shop, uuid4(), "a", 3) == "reserved"
        await shop.record()
        assert await outcome(shop, uuid4(), "a", 3) == "reserved"
        await shop.follow()
        assert await outcome(shop, uuid4(), "a", 2) == "limit-reached"
        await shop.record()
        assert await statuses(shop) == {"confirmed": 2}
        assert await shop.findings() == []


async def test_what_comes_after_the_former_limit_cannot_claim_it(database_url: str, redis_url: str) -> None:
    """As from a Redis that was rolled back, or that another hand has written to."""
    async with quiet_shop(database_url, redis_url, allocated=20, limit=3) as shop:
        assert await outcome(shop, uuid4(), "a", 3) == "reserved"
        await set_limit(shop.runtime, shop.sale.id, 1)
        item = await shop.item()
        good = reservation(item, quantity=3, number=1)
        late = reservation(item, quantity=2, number=2)
        above_all = reservation(item, quantity=4, number=1)
        recorded = await record(shop, good, late, above_all)
        assert (recorded.settled, recorded.released) == ([good.id], [late.id, above_all.id])


async def test_a_limit_that_is_raised_again_counts_for_all(database_url: str, redis_url: str) -> None:
    async with quiet_shop(database_url, redis_url, allocated=20, limit=1) as shop:
        for limit in (3, 1, 2):
            await set_limit(shop.runtime, shop.sale.id, limit)
        customer = uuid4()
        assert [await outcome(shop, customer, key) for key in "abc"] == ["reserved", "reserved", "limit-reached"]
        await shop.record()
        assert await statuses(shop) == {"confirmed": 2}
        assert await shop.findings() == []


async def test_a_rebuild_ends_the_former_limit_for_its_own_epoch_only(database_url: str, redis_url: str) -> None:
    async with quiet_shop(database_url, redis_url, allocated=20, limit=3) as shop:
        before = await shop.item()
        customer = uuid4()
        assert await outcome(shop, customer, "a", 3) == "reserved"
        await set_limit(shop.runtime, shop.sale.id, 1, follows=False)
        await shop.runtime.library.client.delete(item_keys(before.id)[0])
        assert await rebuild_item(shop.database, shop.runtime.upkeep, shop.runtime.stream, before.id) == "not_loaded"
        assert await statuses(shop) == {"confirmed": 1}
        after = await shop.item()
        straggler = reservation(before, quantity=3, number=9)
        new = reservation(after, quantity=2, number=1)
        recorded = await record(shop, straggler, new)
        assert (recorded.settled, recorded.released) == ([straggler.id], [new.id])


async def test_limits_move_while_a_crowd_buys(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url, allocated=2000) as shop:
        for limit in (3, 1, 4, 2, 3, 1):
            await asyncio.gather(
                set_limit(shop.runtime, shop.sale_id, limit), *(buys_units(shop, uuid4(), 3) for _ in range(40))
            )
            # Whoever begins now begins under the new limit.
            assert await buys_units(shop, uuid4(), 5) == limit
        await eventually(shop.is_quiet, "the sale is quiet and every invariant of the databases holds")
        found = await audit_sale(shop.database, shop.runtime.upkeep, shop.sale_id)
        assert (found.rejected, found.rebuilt) == (0, 1)
        verdict = check_history(shop.seen, await shop.kept(), allocated=2000, limit=4, recoveries=0)
        assert (verdict.violations, verdict.lost) == ([], 0)


async def buys_units(shop: Shop, customer: UUID, wanted: int) -> int:
    """One by one; how many were admitted."""
    reported = [await shop.buy_once(customer, uuid4().hex, 1, 0) for _ in range(wanted)]
    assert set(reported) <= {"reserved", "confirmed", "refused"}
    return len(reported) - reported.count("refused")


_POSITIONS = st.tuples(st.integers(1, 4), st.integers(0, 9))


@given(st.integers(1, 9), st.lists(st.tuples(st.integers(1, 9), st.none() | _POSITIONS)), _POSITIONS)
def test_the_limit_is_one_that_was_in_force(
    current: int, former: list[tuple[int, tuple[int, int] | None]], made: tuple[int, int]
) -> None:
    one = msgspec.structs.replace(_RESERVATION, epoch=made[0], number=made[1])
    limits = [FormerLimit(*each) for each in former]
    found = limit_of(one, current, limits)
    assert found >= current
    assert found in {current, *(each.limit for each in limits)}
    assert all(found >= each.limit for each in limits if each.until is None or each.until >= made)
    assert limit_of(one, current, [each for each in limits if each.until is not None and each.until < made]) == current


_RESERVATION = Reservation(
    id=uuid4(),
    customer_id=uuid4(),
    quantity=1,
    unit_price_minor=1,
    reserved_ms=0,
    expires_ms=0,
    epoch=1,
    number=1,
    fingerprint="",
    idempotency_key="k",
)
