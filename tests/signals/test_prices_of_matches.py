"""What was observed before anybody knew of which product it is, or while nobody watched, is looked at before it counts.

Source: docs/spec/signals.md#looking.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from quote_service.intelligence.competitors.model.listings import MatchDecision
from quote_service.intelligence.competitors.operations.compare_prices import prices_of_competitors
from quote_service.intelligence.competitors.operations.decide_match import confirm_match, undo_match
from quote_service.intelligence.signals.operations.read_signals import prices_pending
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.postgres.change import Change
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.preconditions import UNCONDITIONAL
from tests.signals.market import SignalMarket, a_market


async def prices(market: SignalMarket) -> list[Any]:
    async with market.database.read() as connection:
        found = await prices_of_competitors(connection, [market.product_id])
    return sorted(
        (each.comparable_price, each.not_comparable) for each in found if each.comparable_price is not None
    ) + [each.not_comparable for each in found if each.comparable_price is None]


async def is_pending(market: SignalMarket) -> bool:
    async with market.database.read() as connection:
        return market.product_id in await prices_pending(connection, [market.product_id])


async def match(market: SignalMarket, listing: UUID, units: str = "1") -> None:
    wanted = MatchDecision(product_id=market.product_id, units=ExactNumber(units))
    async with market.database.transaction() as connection:
        await confirm_match(
            Change.within(connection, change_by_system("test", now_us())), listing, wanted, UNCONDITIONAL
        )


async def unmatch(market: SignalMarket, listing: UUID) -> None:
    async with market.database.transaction() as connection:
        await undo_match(Change.within(connection, change_by_system("test", now_us())), listing, UNCONDITIONAL)


async def listing_of(market: SignalMarket, name: str) -> UUID:
    (row,) = await market.run(
        "SELECT id FROM competitor_listings WHERE source_id = $1 AND external_id = $2", market.source_id, name
    )
    found: UUID = row["id"]
    return found


async def beside_others(market: SignalMarket) -> None:
    """Three listings that are matched, and looked at."""
    for number, name in enumerate(("a", "b", "c")):
        await market.see(name, *[f"{90 + number}"] * 3, at=range(3))
    await market.look()


async def test_an_odd_price_that_is_matched_later_is_looked_at_before_it_counts(market: SignalMarket) -> None:
    await beside_others(market)
    await market.see("late", "9", at=(5,), is_matched=False)
    await market.look()
    listing = await listing_of(market, "late")
    assert not await is_pending(market)
    await match(market, listing)
    assert await is_pending(market)
    await market.look()
    assert not await is_pending(market)
    assert ["doubted"] in await prices(market)
    (odd,) = await market.signals()
    assert (odd.kind, odd.listing_id, odd.price) == ("price_anomaly", listing, Decimal(9))
    # With ten of ours in it, it costs what others cost.
    await match(market, listing, "0.1")
    assert await is_pending(market)
    await market.look()
    assert [each for each in await prices(market) if each == ["doubted"]] == []
    assert [each.status for each in await market.signals()] == ["resolved"]


async def test_a_price_that_is_usual_counts_once_it_was_looked_at(market: SignalMarket) -> None:
    await beside_others(market)
    await market.see("late", "91.50", at=(5,), is_matched=False)
    await market.look()
    listing = await listing_of(market, "late")
    await match(market, listing)
    await market.look()
    assert len(await prices(market)) == 4
    assert await market.signals() == []
    await unmatch(market, listing)
    await match(market, listing)
    await market.look()
    assert len(await prices(market)) == 4
    assert not await is_pending(market)


async def test_what_came_while_nobody_watched_is_looked_at_when_somebody_does(market: SignalMarket) -> None:
    other = await a_market(market.database)
    quiet = SignalMarket(market.database, market.product_id, other.competitor_id, other.source_id)
    await beside_others(market)
    for table, column, object_id in (
        ("competitors", "is_active", other.competitor_id),
        ("competitor_sources", "is_enabled", other.source_id),
    ):
        name = f"of {table}"
        off = ", disabled_reason = 'by_hand'" if column == "is_enabled" else ""
        on = ", disabled_reason = NULL" if column == "is_enabled" else ""
        await market.run(f"UPDATE {table} SET {column} = false{off} WHERE id = $1", object_id)
        await quiet.see(name, "9", at=(5,))
        await market.look()
        assert ["source_disabled"] in await prices(market)
        await market.run(f"UPDATE {table} SET {column} = true{on} WHERE id = $1", object_id)
        assert await is_pending(market)
        await market.look()
        assert ["source_disabled"] not in await prices(market)
    assert [each for each in await prices(market) if each == ["doubted"]] == [["doubted"]] * 2
