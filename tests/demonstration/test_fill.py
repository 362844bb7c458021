"""The market in a database of the test's own: true to the rules of every subject, once, and removable.

Source: docs/spec/demonstration.md#what-it-leaves.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec
import pytest

from quote_service.analytics.operations.check_rollups import check_rollups
from quote_service.competitors.operations.compare_prices import prices_of_competitors, prices_of_past
from quote_service.competitors.operations.credentials_seal import CredentialsSeal
from quote_service.competitors.words.listings import ComparablePrice
from quote_service.demonstration.operations.fill_database import Filling, fill_database
from quote_service.demonstration.operations.withdraw import withdraw
from quote_service.demonstration.words.goods import CURRENCY, GOODS
from quote_service.demonstration.words.history import eventful_history
from quote_service.demonstration.words.made import Made
from quote_service.demonstration.words.market import Market
from quote_service.demonstration.words.plan import AUTHOR, DemonstrationPlan
from quote_service.demonstration.words.rivals import RIVALS
from quote_service.demonstration.words.sightings import SILENT, SILENT_DAYS
from quote_service.demonstration.words.visits import VISITED_DAYS
from quote_service.ledger.operations.check_ledger import check_ledger
from quote_service.orders.operations.check_orders import check_orders
from quote_service.postgres.pool import Database
from quote_service.price_decisions.operations.gather_facts import DecisionTerms
from quote_service.seeding.operations.past_quotes import OrderKeys
from quote_service.settings import Key
from quote_service.system.errors import Conflict
from tests.conftest import MakeDatabase

KEYS = (Key("k1", bytes(range(32))),)
DAYS = 60


class Interrupted(Exception):
    """Somebody has had enough."""


class Filled:
    """A filled database, and what the market really was."""

    def __init__(self, url: str) -> None:
        self.url = url
        # Of today whenever it runs: prices of rivals are told as of now.
        self.plan = DemonstrationPlan(2, datetime.now(UTC), DAYS, crowd=0.004)
        self.market = Market(self.plan.seed, crowd=self.plan.crowd)
        self.told = eventful_history(self.market, self.plan.seed, DAYS)
        self.noted: list[Made] = []

    @property
    def made(self) -> Made:
        return self.noted[-1]

    def filling(self, *, interrupted: bool = False) -> Filling:
        def tell(what: str, done: int, of_all: int) -> None:
            if interrupted and what == "days of orders" and done == of_all // 2:
                raise Interrupted

        return Filling(
            OrderKeys(KEYS, KEYS, 900, AUTHOR),
            CredentialsSeal(KEYS),
            DecisionTerms(),
            "UTC",
            tell,
            lambda made: self.noted.append(msgspec.json.decode(msgspec.json.encode(made), type=Made)),
        )


async def rows(url: str, statement: str, *arguments: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(statement, *arguments))
    finally:
        await connection.close()


async def _sold_is_in_orders_and_in_reports(filled: Filled) -> None:
    sold = {at: sum(day.units for day in filled.told if day.good == at) for at in range(len(GOODS))}
    numbers = {product: at for at, product in enumerate(filled.made.products)}
    ordered = await rows(filled.url, "SELECT product_id, sum(quantity)::int AS units FROM order_lines GROUP BY 1")
    assert {numbers[row["product_id"]]: row["units"] for row in ordered} == {at: n for at, n in sold.items() if n}
    # A day of one product, at its price of that day, in what reports read.
    day = max((each for each in filled.told if each.good == 1), key=lambda each: each.units)
    (counted,) = await rows(
        filled.url,
        "SELECT sum(l.quantity)::int AS units, min(unit_price_micro) AS low, max(unit_price_micro) AS high FROM order_lines AS l"
        " JOIN orders ON orders.id = order_id WHERE product_id = $1 AND placed_at >= $2 AND placed_at < $3",
        filled.made.products[1],
        filled.plan.day(day.day),
        filled.plan.day(day.day + 1),
    )
    assert tuple(counted) == (day.units, day.price_minor * 10_000, day.price_minor * 10_000)
    database = await Database.open(filled.url, statement_seconds=120)
    try:
        assert (await check_orders(database)).findings == []
        assert (await check_ledger(database)).findings == []
        reports = await check_rollups(database)
        assert (reports.waiting, reports.findings) == (0, [])
    finally:
        await database.close()


async def _visits_are_reported(filled: Filled) -> None:
    told = [each for each in filled.told if each.day >= DAYS - VISITED_DAYS]
    found = await rows(
        filled.url,
        "SELECT key, sum((data ->> 'views')::int)::int AS views, sum((data ->> 'purchase_units')::int)::int AS units"
        " FROM event_outbox WHERE type = 'behaviour.counted' GROUP BY 1",
    )
    for number, product in enumerate(filled.made.products):
        wanted = [each for each in told if each.good == number]
        (row,) = [row for row in found if row["key"] == str(product)]
        assert row["views"] == sum(each.visits for each in wanted)
        assert (row["units"] or 0) == sum(each.units for each in wanted)


async def _prices_moved_when_the_market_says(filled: Filled) -> None:
    moves = await rows(
        filled.url,
        "SELECT product_id, at, round(new_price * 100)::int AS minor FROM price_history WHERE reason = 'schedule' ORDER BY at",
    )
    for number, product in enumerate(filled.made.products):
        told = [day for day in filled.told if day.good == number]
        before, expected = GOODS[number].usual_minor, []
        for day in told:
            if day.price_minor != before:
                expected.append((filled.plan.repriced(day.day), day.price_minor))
            before = day.price_minor
        own = [(row["at"].replace(microsecond=0), row["minor"]) for row in moves if row["product_id"] == product]
        assert own == expected, GOODS[number].name


async def _rivals_are_seen_with_their_mistakes_and_gaps(filled: Filled) -> None:
    database = await Database.open(filled.url)
    numbers = {product: at for at, product in enumerate(filled.made.products)}
    try:
        async with database.read() as connection:
            now = await prices_of_competitors(connection, filled.made.products, currency=CURRENCY)
            since = filled.plan.day(0)
            past = await prices_of_past(connection, filled.made.products, since, filled.plan.now + timedelta(hours=1))
    finally:
        await database.close()
    names = {rival.name: at for at, rival in enumerate(RIVALS)}
    seen: dict[tuple[int, int], ComparablePrice] = {
        (numbers[each.product_id], names[each.competitor]): each for each in now
    }
    assert len(seen) == len(GOODS) * len(RIVALS), "every listing is matched, by GTIN or SKU"
    for (good, rival), price in seen.items():
        story = GOODS[good].story
        if rival == SILENT:
            assert price.not_comparable == ["stale"]
            assert price.confirmed_at == filled.plan.watched(DAYS - SILENT_DAYS)
        elif story == "sold_out_rival" and rival == 1:
            assert "not_sold" in price.not_comparable
        else:
            is_wrong = story == "wrong_decimal" and rival == 0
            assert price.not_comparable == (["doubted"] if is_wrong else []), (story, price)
            assert price.price is not None
            assert int(price.price * 100) == filled.market.rivals[good][rival] // (10 if is_wrong else 1)
    assert len({each.listing_id for each in past}) == len(seen)
    assert min(each.observed_at for each in past) == filled.plan.watched(0)


async def _conclusions_are_drawn(filled: Filled) -> None:
    numbers = {product: at for at, product in enumerate(filled.made.products)}
    raised = await rows(filled.url, "SELECT kind, product_id FROM signals")
    found = {(row["kind"], GOODS[numbers[row["product_id"]]].story) for row in raised if row["product_id"]}
    for wanted in (
        ("price_anomaly", "wrong_decimal"),
        ("competitor_price_drop", "rival_drops"),
        ("competitor_price_rise", "rival_rises"),
        ("low_inventory", "running_out"),
    ):
        assert wanted in found, found
    assert "source_stale" in {row["kind"] for row in raised}
    decided = await rows(filled.url, "SELECT product_id, mode, state, held_by FROM price_decisions")
    states = {"auto": {"applied"}, "suggest": {"suggested"}, "shadow": {"shadow"}}
    assert {row["mode"] for row in decided} == set(states)
    for row in decided:
        assert row["state"] in states[row["mode"]] | {"held", "unchanged"}, row
    by_story = {GOODS[numbers[row["product_id"]]].story: row for row in decided}
    assert "rival_rises" not in by_story, "its policy is off"
    assert "not_identified" in by_story["never_moved"]["held_by"], "its price never moved"


async def _is_there_once_and_can_be_taken_out(filled: Filled) -> None:
    database = await Database.open(filled.url)
    try:
        with pytest.raises(Conflict):
            await fill_database(database, filled.plan, filled.filling(), None)
        await withdraw(database, filled.made)
        await withdraw(database, msgspec.structs.replace(filled.made, sources=[*filled.made.sources, UUID(int=7)]))
        async with database.read() as connection:
            assert await prices_of_competitors(connection, filled.made.products) == []
    finally:
        await database.close()
    for statement, wanted in (
        ("SELECT count(*) FROM competitor_sources", 0),
        ("SELECT count(*) FROM competitor_listings", 0),
        ("SELECT count(*) FROM competitors WHERE is_active", 0),
        ("SELECT count(*) FROM products WHERE is_active", 0),
        ("SELECT count(*) FROM price_policies_in_force WHERE mode <> 'off'", 0),
    ):
        (found,) = await rows(filled.url, statement)
        assert found["count"] == wanted, statement


async def test_the_market_is_in_the_database_once_and_can_be_taken_out(new_database_url: MakeDatabase) -> None:
    """Interrupted half-way and gone on with; what is there then is what there is without."""
    filled = Filled(new_database_url())
    database = await Database.open(filled.url, statement_seconds=120)
    try:
        with pytest.raises(Interrupted):
            await fill_database(database, filled.plan, filled.filling(interrupted=True), None)
        await fill_database(database, filled.plan, filled.filling(), filled.made)
        assert [made.is_finished for made in filled.noted] == [False, True]
    finally:
        await database.close()
    await _sold_is_in_orders_and_in_reports(filled)
    await _visits_are_reported(filled)
    await _prices_moved_when_the_market_says(filled)
    await _rivals_are_seen_with_their_mistakes_and_gaps(filled)
    await _conclusions_are_drawn(filled)
    await _is_there_once_and_can_be_taken_out(filled)
