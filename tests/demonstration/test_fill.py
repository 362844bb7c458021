"""The market in a database of the test's own: true to the rules of every subject, once, and removable.

Source: docs/spec/demonstration.md#what-it-leaves.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import msgspec
import pytest

from quote_service.intelligence.competitors.model.listings import ComparablePrice
from quote_service.intelligence.competitors.operations.compare_prices import prices_of_competitors, prices_of_past
from quote_service.intelligence.competitors.operations.credentials_seal import CredentialsSeal
from quote_service.intelligence.market_analysis.operations.run_analysis import AnalysisTerms
from quote_service.intelligence.price_decisions.model.shown import DecisionMode, DecisionOrigin
from quote_service.intelligence.price_decisions.operations.gather_facts import DecisionTerms
from quote_service.intelligence.price_experiments.model.performance import PerformanceFilters
from quote_service.intelligence.price_experiments.operations.price_performance import price_performance
from quote_service.intelligence.price_experiments.operations.report_experiment import report_experiment
from quote_service.intelligence.signals.model.signals import SignalKind
from quote_service.lab.demonstration.model.goods import CURRENCY, GOODS
from quote_service.lab.demonstration.model.history import eventful_history, first_decided
from quote_service.lab.demonstration.model.made import Made
from quote_service.lab.demonstration.model.market import DayOfGood, Market
from quote_service.lab.demonstration.model.plan import AUTHOR, DemonstrationPlan
from quote_service.lab.demonstration.model.rivals import RIVALS
from quote_service.lab.demonstration.model.sightings import SILENT, SILENT_DAYS
from quote_service.lab.demonstration.model.visits import VISITED_DAYS
from quote_service.lab.demonstration.operations.fill_database import Filling, fill_database
from quote_service.lab.demonstration.operations.withdraw import withdraw
from quote_service.lab.seeding.operations.past_quotes import OrderKeys
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Key
from quote_service.platform.system.errors import Conflict
from quote_service.selling.ledger.operations.check_ledger import check_ledger
from quote_service.selling.orders.operations.check_orders import check_orders
from quote_service.steering.analytics.operations.check_rollups import check_rollups
from tests.conftest import MakeDatabase

KEYS = (Key("k1", bytes(range(32))),)
DAYS = 84


class Interrupted(Exception):
    """Somebody has had enough."""


class Filled:
    """A filled database, and what the market really was."""

    def __init__(self, url: str) -> None:
        self.url = url
        # Of today whenever it runs: prices of rivals are told as of now.
        self.plan = DemonstrationPlan(2, datetime.now(UTC), DAYS)
        self.market = Market(self.plan.seed, crowd=self.plan.crowd)
        self.days_sold: list[DayOfGood] = []
        self.noted: list[Made] = []

    def report(self) -> None:
        """What was sold, at the prices that were noted."""
        plan = self.plan
        self.days_sold = eventful_history(self.market, plan.seed, DAYS, plan.part_of_today, self.made.decided)

    @property
    def made(self) -> Made:
        return self.noted[-1]

    def filling(self, *, interrupted: bool = False) -> Filling:
        def report(what: str, done: int, of_all: int) -> None:
            if interrupted and what == "days of orders" and done == of_all // 2:
                raise Interrupted

        return Filling(
            OrderKeys(KEYS, KEYS, 900, AUTHOR),
            CredentialsSeal(KEYS),
            DecisionTerms(),
            AnalysisTerms(ZoneInfo("UTC")),
            "UTC",
            report,
            lambda made: self.noted.append(msgspec.json.decode(msgspec.json.encode(made), type=Made)),
        )


async def rows(url: str, statement: str, *arguments: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(statement, *arguments))
    finally:
        await connection.close()


async def _sold_is_in_orders_and_in_reports(filled: Filled) -> None:
    sold = {at: sum(day.units for day in filled.days_sold if day.good == at) for at in range(len(GOODS))}
    numbers = {product: at for at, product in enumerate(filled.made.products)}
    ordered = await rows(filled.url, "SELECT product_id, sum(quantity)::int AS units FROM order_lines GROUP BY 1")
    assert {numbers[row["product_id"]]: row["units"] for row in ordered} == {at: n for at, n in sold.items() if n}
    # A day of one product, at its price of that day, in what reports read.
    day = max((each for each in filled.days_sold if each.good == 1), key=lambda each: each.units)
    (counted,) = await rows(
        filled.url,
        "SELECT sum(l.quantity)::int AS units, min(unit_price_micro) AS low, max(unit_price_micro) AS high FROM order_lines AS l"
        " JOIN orders ON orders.id = order_id WHERE product_id = $1 AND placed_at >= $2 AND placed_at < $3 ",
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
    days_sold = [each for each in filled.days_sold if each.day >= DAYS - VISITED_DAYS]
    found = await rows(
        filled.url,
        "SELECT key, sum((data ->> 'views')::int)::int AS views, sum((data ->> 'purchase_units')::int)::int AS units"
        " FROM event_outbox WHERE type = 'behaviour.counted' GROUP BY 1",
    )
    for number, product in enumerate(filled.made.products):
        wanted = [each for each in days_sold if each.good == number]
        (row,) = [row for row in found if row["key"] == str(product)]
        assert row["views"] == sum(each.visits for each in wanted)
        assert (row["units"] or 0) == sum(each.units for each in wanted)


async def _prices_moved_when_the_market_says(filled: Filled) -> None:
    moves = await rows(
        filled.url,
        "SELECT product_id, at, reason, round(new_price * 100)::int AS minor FROM price_history ORDER BY at, id",
    )
    for number, product in enumerate(filled.made.products):
        own = [row for row in moves if row["product_id"] == product]
        days_sold = [day for day in filled.days_sold if day.good == number]
        for day in days_sold:
            noon = min(filled.plan.day(day.day) + timedelta(hours=12), filled.plan.now)
            assert [row["minor"] for row in own if row["at"] <= noon][-1] == day.price_minor, (GOODS[number].name, day)
        before, expected = GOODS[number].usual_minor, []
        for day in days_sold[: first_decided(DAYS)]:
            if day.price_minor != before:
                expected.append((filled.plan.repriced(day.day), day.price_minor))
            before = day.price_minor
        tried = [
            (row["at"].replace(microsecond=0), row["minor"])
            for row in own
            if row["reason"] == "schedule" and row["at"] < filled.plan.day(first_decided(DAYS))
        ]
        assert tried == expected, GOODS[number].name


async def _what_is_sold_is_quoted_at_the_price_of_its_instant(filled: Filled) -> None:
    """Whatever moved prices: tries, decisions, people, experiments and the war."""
    (odd,) = await rows(
        filled.url,
        "SELECT count(*) FROM order_lines AS l JOIN orders AS o ON o.id = l.order_id CROSS JOIN LATERAL ("
        " SELECT h.new_price FROM price_history AS h WHERE h.item_id = l.product_id AND h.at <= o.placed_at"
        " ORDER BY h.at DESC LIMIT 1) AS asked WHERE l.unit_price_micro <> asked.new_price * 1000000",
    )
    assert odd["count"] == 0


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
            assert int(price.price * 100) == filled.days_sold[good - len(GOODS)].rivals_minor[rival] // (
                10 if is_wrong else 1
            )
    assert len({each.listing_id for each in past}) == len(seen)
    assert min(each.observed_at for each in past) == filled.plan.watched(0)


async def _conclusions_are_drawn(filled: Filled) -> None:
    numbers = {product: at for at, product in enumerate(filled.made.products)}
    (analysed,) = await rows(filled.url, "SELECT count(DISTINCT product_id) FROM market_distribution")
    assert analysed["count"] == len(GOODS), "the market is analysed"
    platforms = await rows(filled.url, "SELECT DISTINCT key FROM market_distribution WHERE kind = 'platform'")
    assert len(platforms) == 3, "two shops of their own, and a marketplace"
    raised = await rows(filled.url, "SELECT kind, status, product_id FROM signals")
    found = {(row["kind"], GOODS[numbers[row["product_id"]]].story) for row in raised if row["product_id"]}
    for wanted in (
        ("price_war", "price_war"),
        ("price_anomaly", "wrong_decimal"),
        ("competitor_price_drop", "rival_drops"),
        ("competitor_price_rise", "rival_rises"),
        ("low_inventory", "running_out"),
        ("demand_surge", "surge"),
    ):
        assert wanted in found, found
    assert {row["kind"] for row in raised} == set(get_args(SignalKind)), "every kind has happened"
    assert {row["kind"] for row in raised if row["status"] == "acknowledged"} == {"low_inventory"}


async def _prices_were_decided_for_weeks(filled: Filled) -> None:
    numbers = {product: at for at, product in enumerate(filled.made.products)}
    decided = await rows(
        filled.url,
        "SELECT id, product_id, mode, origin, state, held_by, applied_at, model_id FROM price_decisions ORDER BY id",
    )
    assert {row["mode"] for row in decided} == set(get_args(DecisionMode))
    assert {row["origin"] for row in decided} == set(get_args(DecisionOrigin))
    seen = {row["state"] for row in decided}
    assert seen >= {"shadow", "held", "suggested", "applied", "rejected", "superseded", "rolled_back"}, seen
    products = {good.story: product for good, product in zip(GOODS, filled.made.products, strict=True)}
    by_loop = [row for row in decided if row["origin"] == "loop"]
    last = {GOODS[numbers[row["product_id"]]].story: row for row in by_loop}
    assert "rival_rises" not in last, "its policy is off"
    assert "not_identified" in last["never_moved"]["held_by"], "its price never moved"
    assert last["price_war"]["state"] == "held"
    assert "price_war" in last["price_war"]["held_by"]
    reported = [
        (row["mode"], row["origin"], row["state"]) for row in decided if row["product_id"] == products["wrong_decimal"]
    ]
    assert last["wrong_decimal"]["state"] == "suggested", reported
    models = await rows(filled.url, "SELECT id FROM price_models")
    assert {row["model_id"] for row in by_loop} <= {row["id"] for row in models}
    runs = await rows(filled.url, "SELECT state, products FROM price_decision_runs")
    assert {row["state"] for row in runs} == {"finished"}
    assert len(runs) >= 3


async def _performance_and_experiments_have_intervals(filled: Filled) -> None:
    database = await Database.open(filled.url)
    try:
        async with database.snapshot() as connection:
            reported = await price_performance(connection, PerformanceFilters(), datetime.now(UTC))
            ended, running = [await report_experiment(connection, each) for each in filled.made.experiments]
    finally:
        await database.close()
    (currency,) = reported.currencies
    assert {each.mode for each in currency.modes} == {"auto", "suggest"}
    for each in (currency.totals, *currency.modes):
        assert each.profit_impact_low < each.profit_impact < each.profit_impact_high, each
        assert each.units_not_estimated == 0
    assert (ended.state, running.state, running.verdict) == ("ended", "running", "not_yet")
    assert ended.pairs >= 6
    assert ended.verdict not in ("not_yet", "too_few_pairs")
    for figures in ended.figures:
        assert figures.effect_percent_low is not None
        assert figures.effect_percent_high is not None
    left = await rows(filled.url, "SELECT count(*) FROM price_experiment_products WHERE not_restored IS NOT NULL")
    assert left[0]["count"] == 0


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
        ("SELECT count(*) FROM price_decisions WHERE state IN ('held', 'suggested')", 0),
        ("SELECT count(*) FROM signals WHERE status = 'open' AND product_id IS NOT NULL", 0),
        ("SELECT count(*) FROM price_experiments WHERE state = 'running'", 0),
        ("SELECT count(*) FROM price_decision_products WHERE claimed_by IS NOT NULL", 0),
    ):
        (found,) = await rows(filled.url, statement)
        assert found["count"] == wanted, statement


@pytest.mark.long("a whole market, analysed and decided on")
async def test_the_market_is_in_the_database_once_and_can_be_taken_out(new_database_url: MakeDatabase) -> None:
    """Interrupted half-way and gone on with; what is there then is what there is without."""
    filled = Filled(new_database_url())
    database = await Database.open(filled.url, statement_seconds=120)
    try:
        with pytest.raises(Interrupted):
            await fill_database(database, filled.plan, filled.filling(interrupted=True), None)
        await fill_database(database, filled.plan, filled.filling(), filled.made)
        assert [made.is_finished for made in filled.noted] == [False, True]
        filled.report()
    finally:
        await database.close()
    await _sold_is_in_orders_and_in_reports(filled)
    await _visits_are_reported(filled)
    await _prices_moved_when_the_market_says(filled)
    await _what_is_sold_is_quoted_at_the_price_of_its_instant(filled)
    await _rivals_are_seen_with_their_mistakes_and_gaps(filled)
    await _conclusions_are_drawn(filled)
    await _prices_were_decided_for_weeks(filled)
    await _performance_and_experiments_have_intervals(filled)
    await _is_there_once_and_can_be_taken_out(filled)
