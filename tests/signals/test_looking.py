"""What is new is looked at once, and raises what it should.

Source: docs/spec/signals.md#looking.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from quote_service.intelligence.competitors.operations.compare_prices import prices_of_competitors
from quote_service.intelligence.signals.model.signals import Acknowledgement
from quote_service.intelligence.signals.model.thresholds import ThresholdDraft
from quote_service.intelligence.signals.operations.acknowledge_signal import acknowledge_signal
from quote_service.intelligence.signals.operations.read_signals import open_signals_of, prices_pending, products_at_war
from quote_service.intelligence.signals.operations.sweep_signals import sweep_signals
from quote_service.intelligence.signals.operations.write_threshold import create_threshold
from quote_service.lab.seeding.operations.write_past import move_past_prices
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import Author, change_by_system
from quote_service.platform.system.clock import now_us
from tests.signals.market import EARLIER, SignalMarket, a_market, shown_figures

PERSON = Author(actor="somebody", actor_kind="user", request_id="", at_us=now_us())


async def comparable(market: SignalMarket) -> list[Any]:
    async with market.database.read() as connection:
        return [each.comparable_price for each in await prices_of_competitors(connection, [market.product_id])]


async def test_a_wrong_decimal_point_decides_nothing_until_a_person_says_so(market: SignalMarket) -> None:
    await market.see("a", *["90"] * 3, "9", at=(0, 1, 2, 3))
    async with market.database.read() as connection:
        assert {*await prices_pending(connection, [market.product_id])} == {market.product_id}
    await market.look()
    (odd,) = await market.signals()
    assert shown_figures(odd.kind, odd.status, odd.price, odd.currency) == ("price_anomaly", "open", 9, "EUR")
    assert [shown_figures(each.role, each.value) for each in odd.evidence] == [
        ("before", 90),
        ("now", 9),
        ("expected", 90),
    ]
    assert odd.evidence[1].detail is not None
    assert odd.evidence[1].detail.startswith("decimal_shift")
    assert await comparable(market) == [None]
    async with market.database.read() as connection:
        assert await prices_pending(connection, [market.product_id]) == {}
    # The price goes back, and down from where it was before.
    await market.see("a", "72", at=(4,))
    await market.look()
    assert await market.kinds() == [("price_anomaly", "resolved", 1), ("competitor_price_drop", "open", 1)]
    drop = (await market.signals())[1]
    assert shown_figures(drop.previous_price, drop.price, drop.measured, drop.threshold) == (90, 72, -20, 15)
    assert await comparable(market) == [72]
    # Half of it is undone, and it falls again while the signal is open.
    await market.see("a", "81", "68", at=(5, 6))
    await market.look()
    assert (await market.kinds())[1] == ("competitor_price_drop", "open", 2)


async def test_a_price_that_a_person_vouches_for_counts_from_then_on(market: SignalMarket) -> None:
    await market.see("a", *["90", "90.01", "90.02"], "40", at=range(4))
    await market.look()
    (odd,) = await market.signals()
    async with market.database.transaction() as connection:
        await acknowledge_signal(
            Change.within(connection, PERSON), odd.id, Acknowledgement(note="A sale.", verdict="genuine")
        )
    await market.look()
    assert await market.kinds() == [("price_anomaly", "acknowledged", 1), ("competitor_price_drop", "open", 1)]
    odd, drop = await market.signals()
    assert odd.resolved_at is not None
    assert shown_figures(drop.previous_price, drop.price) == (Decimal("90.02"), 40)
    assert await comparable(market) == [40]
    await market.see("a", "40.1", at=(5,))
    await market.look()
    assert len(await market.signals()) == 2
    assert await comparable(market) == [Decimal("40.1")]


async def test_duplicates_and_late_observations_raise_nothing(market: SignalMarket) -> None:
    await market.see("a", "100", "80", at=(0, 10))
    await market.look()
    assert await market.kinds() == [("competitor_price_drop", "open", 1)]
    await market.see("a", "100", "80", at=(0, 10))
    await market.see("a", "50", None, "120", at=(5, 6, 7))
    await market.look()
    assert await market.kinds() == [("competitor_price_drop", "open", 1)]
    # What was so long ago that it has expired raises nothing, but is measured from.
    await market.see("old", "100", "80", at=(-14_000, -13_000))
    await market.look()
    assert await market.kinds() == [("competitor_price_drop", "open", 1)]
    await market.see("old", "95", at=(1,))
    await market.look()
    assert await market.kinds() == [("competitor_price_drop", "open", 1), ("competitor_price_rise", "open", 1)]


async def test_a_war_that_goes_on_is_raised_though_it_began_longer_ago_than_its_signal_lasts(
    database: Database,
) -> None:
    market = await a_market(database, datetime.now(UTC) - timedelta(days=2))

    async def ask(price: str, ago: float) -> None:
        at = datetime.now(UTC) - timedelta(hours=ago)
        async with market.database.transaction() as connection:
            await move_past_prices(connection, "EUR", "manual", "", at, [market.product_id], [Decimal(price)])

    async def see(*prices: str, ago: float) -> None:
        first = (datetime.now(UTC) - EARLIER) / timedelta(minutes=1) - ago * 60
        await market.see("a", *prices, at=[first + place for place in range(len(prices))])

    await see("101", "99", ago=27)
    await market.look()
    # Then nobody looks for more than a day: what the fourth undercut would have raised has expired.
    await ask("98", ago=25.5)
    await see("97", ago=25)
    await ask("96", ago=24.5)
    await market.look()
    assert await market.kinds() == []
    await see("95", ago=5)
    await market.look()
    assert await market.kinds() == [("price_war", "open", 1)]
    [war] = await market.signals()
    assert shown_figures(war.measured) == (5,)
    await ask("94", ago=0)
    await market.look()
    assert await market.kinds() == [("price_war", "open", 2)]


async def test_our_own_moves_stock_and_a_war(market: SignalMarket) -> None:
    draft = ThresholdDraft(kind="price_change", product_id=market.product_id, threshold=None)
    async with market.database.transaction() as connection:
        await create_threshold(Change.within(connection, change_by_system("test", now_us())), draft)
    await market.stock(12)
    await market.see("a", "101", "98", at=(0, 1))
    await market.look()
    assert await market.signals() == []
    await market.stock(9)
    await market.ask("97")
    await market.look()
    # The next turns: their prices are seen now, ours move now.
    now = (datetime.now(UTC) - EARLIER) / timedelta(minutes=1)
    await market.see("a", "96", at=(now,))
    await market.look()
    await market.ask("95")
    await market.look()
    assert await market.kinds() == [("low_inventory", "open", 1), ("price_war", "open", 1)]
    low, war = await market.signals()
    assert shown_figures(low.measured, low.threshold) == (9, 10)
    assert shown_figures(war.measured, war.threshold) == (4, 4)
    assert [shown_figures(each.subject, each.value) for each in war.evidence] == [
        ("observation", 98),
        ("price_move", 97),
        ("observation", 96),
        ("price_move", 95),
    ]
    async with market.database.read() as connection:
        at = datetime.now(UTC)
        assert await products_at_war(connection, [market.product_id], at) == {market.product_id}
        assert await products_at_war(connection, [market.product_id], at + timedelta(days=1)) == frozenset()
    async with market.database.transaction() as connection:
        await acknowledge_signal(Change.within(connection, PERSON), war.id, Acknowledgement())
    await market.stock(15)
    await market.ask("120")
    await market.look()
    assert await market.kinds() == [
        ("low_inventory", "resolved", 1),
        ("price_war", "acknowledged", 1),
        ("price_change", "open", 1),
    ]
    moved = (await market.signals())[2]
    assert shown_figures(moved.previous_price, moved.price) == (95, 120)
    # A day later nobody has undercut; what is low or has moved is no longer open after a week.
    later = datetime.now(UTC) + timedelta(days=2)
    await sweep_signals(market.database, 30, at=later)
    war = (await market.signals())[1]
    assert (war.status, war.resolved_at) == ("acknowledged", war.expires_at)
    async with market.database.read() as connection:
        assert [each.kind for each in await open_signals_of(connection, [market.product_id], later)] == ["price_change"]
    await sweep_signals(market.database, 30, at=later + timedelta(days=7))
    assert [status for _, status, _ in await market.kinds()] == ["resolved", "acknowledged", "expired"]
    await sweep_signals(market.database, 30, at=later + timedelta(days=60))
    assert await market.kinds() == []
