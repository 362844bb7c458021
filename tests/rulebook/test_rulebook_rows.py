"""Reading the rulebook: everything, or what changed, exactly as written, and never half of a change."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.platform.documents.literals import json_literal
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.instants import FOREVER, to_micros
from quote_service.platform.system.new_ids import new_id
from quote_service.pricing.commission.rate import CommissionTier
from quote_service.pricing.commission.stored_rate import StoredRate
from quote_service.pricing.rulebook.stored import BudgetSpend, CouponExhaustion
from quote_service.rulebook.snapshot.model.errors import RowUnreadable
from quote_service.rulebook.snapshot.operations.refresh_rulebook import refresh_rulebook
from quote_service.rulebook.snapshot.tables.rulebook_rows import read_changes, read_version
from tests.conftest import execute
from tests.postgres.holder import HeldRows
from tests.postgres.rows import (
    LONG_AGO,
    WHEN,
    Written,
    change,
    exhaust,
    insert_flag,
    insert_rate,
    insert_rule,
    spend_budget,
)

MakeDatabase = Callable[[], str]
YESTERDAY = datetime.now(UTC) - timedelta(days=1)
FAR = datetime(2999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)


async def version_of(database: Database) -> int:
    async with database.read() as connection:
        return await read_version(connection)


async def test_a_rate_is_read_as_it_was_written(database: Database) -> None:
    seller, category = new_id(), new_id()
    async with database.transaction() as connection:
        identifier = await insert_rate(
            connection,
            seller_id=seller,
            category_id=category,
            logistics_provider="hızlı",
            commission_type="FLAT",
            rate="12.50",
            min_amount="1.0",
            max_amount="9999999999999.99",
            scope="LINE",
            split=Written('{"seller": 85, "category": 10.50}'),
            currency="TRY",
            region="TR/İstanbul",
            effective_from=WHEN,
            effective_to=FAR,
            priority=-7,
        )
        tiered = await insert_rate(
            connection,
            seller_id=None,
            commission_type="TIERED",
            rate=None,
            tiers=Written('[{"up_to": 1000.00, "rate": 10}, {"rate": 8.5, "up_to": null}]'),
            currency="TRY",
        )
    changes = await read_changes(database)
    rates = {rate.id: rate for rate in changes.rates}
    assert rates[identifier] == StoredRate(
        id=identifier,
        seller_id=seller,
        category_id=category,
        logistics_provider="hızlı",
        commission_type="FLAT",
        rate=ExactNumber("12.50"),
        min_amount=ExactNumber("1.0"),
        max_amount=ExactNumber("9999999999999.99"),
        tiers=None,
        scope="LINE",
        split=(("seller", ExactNumber(85)), ("category", ExactNumber("10.50"))),
        currency="TRY",
        region="TR/İstanbul",
        region_key="tr/istanbul",
        effective_from_us=to_micros(WHEN),
        effective_to_us=to_micros(FAR),
        priority=-7,
        changed_in=changes.version,
    )
    assert str(rates[identifier].rate) == "12.50"
    open_ended = rates[tiered]
    assert open_ended.tiers == (
        CommissionTier(up_to=ExactNumber(1000), rate=ExactNumber(10)),
        CommissionTier(rate=ExactNumber("8.5")),
    )
    assert (open_ended.rate, open_ended.effective_to_us) == (None, FOREVER)
    assert open_ended.effective_from_us == to_micros(LONG_AGO)


async def test_a_rule_is_read_as_it_was_written(database: Database) -> None:
    async with database.transaction() as connection:
        identifier = await insert_rule(
            connection,
            name="vat",
            version=7,
            configuration=Written('{"rate": 18.50, "inclusive": true, "category_rates": {}}'),
            conditions=Written('{"min_subtotal": 10, "weekdays": [1, "tue"], "express": false}'),
            currency="TRY",
            region="İstanbul",
            priority=3,
            effective_to=FAR,
        )
    (rule,) = [rule for rule in (await read_changes(database)).rules if rule.id == identifier]
    draft = rule.draft
    assert (rule.version, rule.created_by, rule.created_at_us) == (7, "mehmet", to_micros(WHEN))
    assert (draft.name, draft.type, draft.currency, draft.priority) == ("vat", "TAX", "TRY", 3)
    assert (draft.region, rule.region_key) == ("İstanbul", "*istanbul")
    assert (draft.effective_from, draft.effective_to, draft.is_active) == (LONG_AGO, FAR, True)
    assert repr(draft.configuration["rate"]) == repr(ExactNumber("18.50"))
    assert draft.conditions is not None
    assert isinstance(draft.conditions.min_subtotal, ExactNumber)
    assert draft.conditions.weekdays == [1, "tue"]


@pytest.mark.parametrize("literal", ["10", "10.0", "1e2", "-0", "0.100", "12345678901234567890.123456789"])
async def test_a_number_flag_keeps_its_literal(database: Database, literal: str) -> None:
    async with database.transaction() as connection:
        identifier = await insert_flag(connection, type="NUMBER", value=Written(literal))
    (flag,) = [flag for flag in (await read_changes(database)).flags if flag.id == identifier]
    assert isinstance(flag.draft.value, (int, ExactNumber))
    assert json_literal(flag.draft.value) == literal


async def test_a_flag_is_read_as_it_was_written(database: Database) -> None:
    customer = new_id()
    rollout = {
        "percentage": 12.5,
        "variants": [{"key": "a", "value": {"x": 1.10}, "weight": 1}],
        "overrides": {customer: "a"},
        "starts_at": "2026-01-01T00:00:00Z",
    }
    async with database.transaction() as connection:
        full = await insert_flag(
            connection,
            type="JSON",
            value=Written('{"fee": 1.50}'),
            default_value=Written("null"),
            rollout=rollout,
            name="n",
            description="d",
            is_enabled=True,
            expose_in_quote=False,
            accept_group=True,
            salt="s",
        )
        bare = await insert_flag(connection)
        version = await read_version(connection)
    flags = {flag.id: flag for flag in (await read_changes(database)).flags}
    draft = flags[full].draft
    assert repr(draft.value) == repr({"fee": ExactNumber("1.50")})
    assert draft.default_value is None
    assert draft.rollout is not None
    assert draft.rollout.percentage == ExactNumber("12.5")
    assert {str(key): value for key, value in (draft.rollout.overrides or {}).items()} == {customer: "a"}
    assert draft.rollout.starts_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert (draft.name, draft.description, draft.salt, draft.algorithm) == ("n", "d", "s", "mm3-v1")
    assert (draft.is_enabled, draft.expose_in_quote, draft.accept_group) == (True, False, True)
    assert flags[bare].draft.default_value is msgspec.UNSET
    assert (flags[bare].draft.rollout, flags[bare].version, flags[bare].changed_in) == (None, 1, version)


async def test_everything_leaves_out_what_can_no_longer_matter(database: Database) -> None:
    async with database.transaction() as connection:
        ended = await insert_rate(connection, effective_to=YESTERDAY)
        inactive = await insert_rate(connection, is_active=False)
        future = await insert_rate(connection, effective_from=FAR)
        archived = await insert_flag(connection, is_archived=True)
        for is_active in (True, False):
            name = f"coupon active {is_active}"
            await insert_rule(connection, name=name, type="COUPON", is_active=is_active)
            await exhaust(connection, name, None, 100)
            await spend_budget(connection, name, None, 5000)
    changes = await read_changes(database)
    assert changes.is_complete
    assert {ended, inactive, future} & {rate.id for rate in changes.rates} == {future}
    assert archived not in {flag.id for flag in changes.flags}
    assert CouponExhaustion("coupon active True", None, 100) in changes.exhaustions
    assert "coupon active False" not in {one.rule_name for one in changes.exhaustions}
    assert BudgetSpend("coupon active True", "TRY", None, 5000) in changes.budget_spends
    assert "coupon active False" not in {one.rule_name for one in changes.budget_spends}


async def test_what_ceases_to_matter_is_named_once_it_changed(database: Database) -> None:
    async with database.transaction() as connection:
        ended, inactive, kept = [await insert_rate(connection) for _ in range(3)]
        rule = await insert_rule(connection)
        flag = await insert_flag(connection)
    before = await version_of(database)
    async with database.transaction() as connection:
        await change(connection, "commission_rates", ended, effective_to=YESTERDAY)
        await change(connection, "commission_rates", inactive, is_active=False)
        await change(connection, "commission_rates", kept, rate="11")
        await change(connection, "pricing_rules", rule, is_active=False)
        await change(connection, "feature_flags", flag, is_archived=True, is_enabled=True)
    changes = await read_changes(database, before)
    after = changes.version
    assert not changes.is_complete
    assert set(changes.ended_rate_ids) == {ended, inactive}
    assert [(rate.id, rate.rate, rate.changed_in) for rate in changes.rates] == [(kept, 11, after)]
    assert [(one.id, one.draft.is_active) for one in changes.rules] == [(rule, False)]
    assert [(one.id, one.is_archived, one.version) for one in changes.flags] == [(flag, True, 2)]


async def test_nothing_changed_is_nothing_and_all_flags_are_still_to_be_had(database: Database) -> None:
    async with database.transaction() as connection:
        flag = await insert_flag(connection)
    held = await version_of(database)
    nothing = await read_changes(database, held)
    assert (nothing.version, nothing.rates, nothing.rules, nothing.flags) == (held, [], [], [])
    again = await read_changes(database, held, all_flags=True)
    assert flag in {one.id for one in again.flags}
    assert (again.is_complete, again.rates, again.rules) == (False, [], [])


async def test_a_coupon_that_comes_back_brings_its_exhaustions(database: Database) -> None:
    name, customer = f"coupon {new_id()}", new_id()
    async with database.transaction() as connection:
        first = await insert_rule(connection, name=name, type="COUPON")
        await exhaust(connection, name, None, 100)
        await exhaust(connection, name, customer, 1)
        await change(connection, "pricing_rules", first, is_active=False)
    held = HeldRows()
    await refresh_rulebook(database, held)
    assert name not in {one[0] for one in held.exhaustions}
    async with database.transaction() as connection:
        await insert_rule(connection, name=name, type="COUPON", version=2)
    await refresh_rulebook(database, held)
    assert (held.exhaustions[name, None], held.exhaustions[name, customer]) == (100, 1)
    async with database.transaction() as connection:
        await exhaust(connection, name, None, 200)
    await refresh_rulebook(database, held)
    assert held.exhaustions[name, None] == 200


@pytest.mark.parametrize("kind", ["PROMOTION", "COUPON"])
async def test_a_discount_that_comes_back_brings_what_its_budget_spent(database: Database, kind: str) -> None:
    name, customer = f"discount {new_id()}", new_id()
    async with database.transaction() as connection:
        first = await insert_rule(connection, name=name, type=kind)
        await spend_budget(connection, name, None, 100)
        await spend_budget(connection, name, customer, 1)
        await spend_budget(connection, name, None, 7, "EUR")
        await change(connection, "pricing_rules", first, is_active=False)
    held = HeldRows()
    await refresh_rulebook(database, held)
    assert name not in {one[0] for one in held.spends}
    async with database.transaction() as connection:
        await insert_rule(connection, name=name, type=kind, version=2)
    await refresh_rulebook(database, held)
    mine = {key[1:]: spent for key, spent in held.spends.items() if key[0] == name}
    assert mine == {("TRY", None): 100, ("TRY", customer): 1, ("EUR", None): 7}
    before = held.version
    async with database.transaction() as connection:
        await spend_budget(connection, name, None, 90)
    await refresh_rulebook(database, held)
    assert (held.spends[name, "TRY", None], held.version > before) == (90, True)


async def test_an_unreadable_row_stops_the_reading_until_it_is_out_of_the_way(new_database_url: MakeDatabase) -> None:
    database = await Database.open(new_database_url())
    async with database.transaction() as connection:
        rule = await insert_rule(connection, conditions={"phase_of_moon": "full"})
    with pytest.raises(RowUnreadable, match=f"rule {rule}.*phase_of_moon"):
        await read_changes(database)
    async with database.transaction() as connection:
        await change(connection, "pricing_rules", rule, is_active=False)
        flag = await insert_flag(connection, rollout={"phase_of_moon": "full"})
    with pytest.raises(RowUnreadable, match=f"flag {flag}"):
        await read_changes(database)
    before = await version_of(database)
    async with database.transaction() as connection:
        await change(connection, "feature_flags", flag, is_archived=True)
        rate = await insert_rate(connection, split={"courier": 1})
    with pytest.raises(RowUnreadable, match=f"rate {rate}"):
        await read_changes(database)
    async with database.transaction() as connection:
        await change(connection, "commission_rates", rate, is_active=False)
    changes = await read_changes(database, before)
    assert (changes.rules, changes.ended_rate_ids) == ([], [rate])
    assert [(one.id, one.is_archived) for one in changes.flags] == [(flag, True)]
    await database.close()


async def test_all_changes_of_a_transaction_are_one_version(database: Database) -> None:
    before = await version_of(database)
    async with database.transaction() as connection:
        rate = await insert_rate(connection)
        await insert_rule(connection)
        await insert_flag(connection)
        await change(connection, "commission_rates", rate, rate="11")
    changes = await read_changes(database, before)
    assert changes.version > before
    rows = [*changes.rates, *changes.rules, *changes.flags]
    assert [row.changed_in for row in rows] == [changes.version] * 3
    async with database.read() as connection:
        assert await connection.fetchval("SELECT count(*) FROM rulebook_versions WHERE version > $1", before) == 1


async def test_what_is_rolled_back_takes_no_version(database: Database) -> None:
    before = await version_of(database)
    async with database.transaction() as connection:
        undo = connection.transaction()
        await undo.start()
        await insert_rate(connection)
        await undo.rollback()
        assert await read_version(connection) == before
        await insert_flag(connection)
    changes = await read_changes(database, before)
    assert (changes.rates, [flag.changed_in for flag in changes.flags]) == ([], [changes.version])
    async with database.read() as connection:
        assert await connection.fetchval("SELECT count(*) FROM rulebook_versions WHERE version > $1", before) == 1


async def test_a_statement_that_changes_nothing_takes_no_version(database: Database) -> None:
    before = await version_of(database)
    async with database.transaction() as connection:
        await change(connection, "feature_flags", new_id(), is_enabled=True)
    assert await version_of(database) == before


async def test_a_later_version_waits_for_the_one_before(database: Database) -> None:
    before = await version_of(database)
    order: list[str] = []

    async def second() -> None:
        async with database.transaction() as connection:
            await insert_flag(connection)
        order.append("second")

    async with database.transaction() as connection:
        rate = await insert_rate(connection)
        waiting = asyncio.create_task(second())
        async with database.read() as watching:
            blocked = (
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            while not await watching.fetchval(blocked):
                assert not waiting.done()
        assert (await read_changes(database, before)).version == before
        order.append("first")
    await waiting
    assert order == ["first", "second"]
    changes = await read_changes(database, before)
    assert [one.id for one in changes.rates] == [rate]
    assert before < changes.rates[0].changed_in < changes.flags[0].changed_in == changes.version


async def test_writers_of_the_same_rows_in_any_order_all_get_through(database: Database) -> None:
    async with database.transaction() as connection:
        rates = [await insert_rate(connection) for _ in range(4)]

    async def write(seed: int) -> None:
        mine = Random(seed).sample(rates, len(rates))
        async with database.transaction() as connection:
            for rate in mine:
                await change(connection, "commission_rates", rate, priority=seed)

    await asyncio.gather(*(write(seed) for seed in range(8)))
    async with database.read() as connection:
        versions = await connection.fetch("SELECT version FROM commission_rates WHERE id = ANY($1)", rates)
    assert [row[0] for row in versions] == [9] * 4


async def test_a_follower_among_concurrent_writers_misses_nothing(new_database_url: MakeDatabase) -> None:
    database = await Database.open(new_database_url(), connections_max=12, acquire_seconds=20.0)
    held = HeldRows()

    async def write(seed: int) -> None:
        random = Random(seed)
        mine: list[str] = []
        for step in range(25):
            async with database.transaction() as connection:
                # A pair in each transaction: a follower that saw one alone would have seen half of a change.
                if not mine or random.random() < 0.5:
                    mine.append(await insert_rate(connection, priority=step))
                    await insert_flag(connection, key=f"of-{mine[-1]}", description=str(step))
                else:
                    rate = random.choice(mine)
                    await change(connection, "commission_rates", rate, priority=100 + step)
                    await connection.execute(
                        "UPDATE feature_flags SET description = $2 WHERE key = $1", f"of-{rate}", str(100 + step)
                    )

    async def follow() -> None:
        while True:
            await refresh_rulebook(database, held)
            flags = {flag.draft.key: flag.draft.description for flag in held.flags.values()}
            assert {f"of-{rate.id}": str(rate.priority) for rate in held.rates.values()} == flags

    following = asyncio.create_task(follow())
    await asyncio.gather(*(write(seed) for seed in range(8)))
    following.cancel()
    assert (await asyncio.gather(following, return_exceptions=True))[0].__class__ is asyncio.CancelledError
    await refresh_rulebook(database, held)
    everything = HeldRows()
    await refresh_rulebook(database, everything)
    assert held.content() == everything.content()
    versions = [changes.version for changes in held.applied]
    assert len(versions) > 2
    assert versions == sorted(set(versions))
    await database.close()


async def test_a_database_that_lost_its_last_changes_is_read_whole(
    postgres_server: PostgresServer, new_database_url: MakeDatabase, new_empty_database_url: MakeDatabase
) -> None:
    url, backup_url = new_database_url(), new_empty_database_url()
    database = await Database.open(url)
    async with database.transaction() as connection:
        kept = await insert_rate(connection)
    await database.close()
    name, backup = urlsplit(url).path[1:], urlsplit(backup_url).path[1:]
    execute(postgres_server, f"DROP DATABASE {backup}")
    execute(postgres_server, f"CREATE DATABASE {backup} TEMPLATE {name}")
    database, restored = await Database.open(url), await Database.open(backup_url)
    held = HeldRows()
    async with database.transaction() as connection:
        lost = await insert_rate(connection)
    await refresh_rulebook(database, held)
    assert set(held.rates) == {kept, lost}
    await refresh_rulebook(restored, held)
    assert set(held.rates) == {kept}
    since = await add_rate(restored)
    await refresh_rulebook(restored, held)
    assert set(held.rates) == {kept, since}
    assert held.complete_reads == 2
    # The same when it has as many changes of its own as were lost by the time it is asked.
    await refresh_rulebook(database, held)
    assert set(held.rates) == {kept, lost}
    await add_rate(restored)
    newest = await version_of(restored)
    assert newest > held.version
    await refresh_rulebook(restored, held)
    assert held.version == newest
    assert {kept, since} < set(held.rates)
    assert lost not in held.rates
    await database.close()
    await restored.close()


async def add_rate(database: Database) -> str:
    async with database.transaction() as connection:
        return await insert_rate(connection)


Step = tuple[str, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "rate",
                "end rate",
                "rate on",
                "rate off",
                "rule",
                "rule on",
                "rule off",
                "flag",
                "flag off",
                "exhaust",
                "spend",
            ]
        ),
        st.integers(0, 5),
    ),
    min_size=1,
    max_size=12,
)


class WrittenRows:
    """What a sequence of steps has made so far, so that later steps can pick from it."""

    def __init__(self) -> None:
        self.rates: list[str] = []
        self.rules: list[tuple[str, str]] = []
        self.flags: list[str] = []

    async def take(self, connection: Connection, step: Step) -> None:
        kind, number = step
        match kind.split()[0]:
            case "rate" if kind == "rate":
                self.rates.append(await insert_rate(connection, rate=str(number)))
            case "rate" | "end" if self.rates:
                columns: dict[str, Any] = {"is_active": kind == "rate on"}
                if kind == "end rate":
                    columns = {"effective_to": YESTERDAY if number % 2 else FAR}
                await change(connection, "commission_rates", self.rates[number % len(self.rates)], **columns)
            case "rule" if kind == "rule":
                name = f"coupon {new_id()}" if number % 2 or not self.rules else self.rules[0][1]
                version = 1 + sum(1 for _, other in self.rules if other == name)
                rule = await insert_rule(connection, name=name, version=version, type="COUPON", priority=number)
                self.rules.append((rule, name))
            case "rule" if self.rules:
                rule = self.rules[number % len(self.rules)][0]
                await change(connection, "pricing_rules", rule, is_active=kind == "rule on")
            case "flag" if kind == "flag":
                self.flags.append(await insert_flag(connection, rollout={"percentage": number}))
            case "flag" if self.flags:
                flag = self.flags[number % len(self.flags)]
                await change(connection, "feature_flags", flag, is_archived=number % 2 == 0)
            case "exhaust" if self.rules:
                name = self.rules[number % len(self.rules)][1]
                await exhaust(connection, name, new_id() if number % 2 else None, number)
            case "spend" if self.rules:
                name = self.rules[number % len(self.rules)][1]
                await spend_budget(connection, name, new_id() if number % 2 else None, number)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(batches=st.lists(STEPS, min_size=1, max_size=5))
async def test_following_changes_ends_where_reading_everything_does(
    database: Database, batches: list[list[Step]]
) -> None:
    held = HeldRows()
    await refresh_rulebook(database, held)
    written = WrittenRows()
    for batch in batches:
        for step in batch:
            async with database.transaction() as connection:
                await written.take(connection, step)
        await refresh_rulebook(database, held)
    everything = HeldRows()
    await refresh_rulebook(database, everything)
    assert held.content() == everything.content()
    assert held.complete_reads == 1


async def test_any_earlier_version_can_be_rebuilt(new_database_url: MakeDatabase) -> None:
    database = await Database.open(new_database_url())
    written, random = WrittenRows(), Random(7)
    kinds = ["rate", "end rate", "rate on", "rate off", "rule", "rule on", "rule off", "flag", "flag off"]
    kinds += ["exhaust", "spend"]
    tables = {
        "commission_rates": "commission_rate_history",
        "pricing_rules": "pricing_rule_history",
        "feature_flags": "feature_flag_history",
        "coupon_exhaustions": "coupon_exhaustion_history",
        "budget_exhaustions": "budget_exhaustion_history",
    }
    seen: dict[tuple[int, str], list[str]] = {}
    for _ in range(120):
        async with database.transaction() as connection:
            for _ in range(random.randint(1, 3)):
                await written.take(connection, (random.choice(kinds), random.randint(0, 5)))
            version = await read_version(connection)
        async with database.read() as connection:
            for table in tables:
                rows = await connection.fetch(f"SELECT t::text FROM {table} t ORDER BY 1")
                seen[version, table] = [row[0] for row in rows]
    async with database.read() as connection:
        for (version, table), expected in seen.items():
            columns = ", ".join(
                row[0]
                for row in await connection.fetch(
                    "SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0"
                    " AND NOT attisdropped ORDER BY attnum",
                    table,
                )
            )
            rebuilt = await connection.fetch(
                f"""
                SELECT ROW({columns})::text FROM {table} WHERE changed_in <= $1
                UNION ALL
                SELECT ROW({columns})::text FROM {tables[table]} WHERE changed_in <= $1 AND replaced_in > $1
                ORDER BY 1
                """,
                version,
            )
            assert [row[0] for row in rebuilt] == expected, (version, table)
    await database.close()
