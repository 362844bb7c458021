"""The tables refuse what the specs refuse, whoever writes to them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from quote_service.postgres.pool import Connection, Database
from quote_service.system.errors import Conflict, Invalid, NameTaken, RateOverlaps, VersionConflict
from quote_service.system.new_ids import new_id
from tests.postgres.rows import LONG_AGO, Written, change, insert_flag, insert_rate, insert_rule
from tests.price_decisions.shelves import Shelves

DAY = timedelta(days=1)
NEVER = datetime.max.replace(tzinfo=UTC)
TIERS = [{"up_to": 1000, "rate": 10}, {"up_to": None, "rate": 8}]


@pytest.mark.parametrize(
    "columns",
    [
        {"rate": "0"},
        {"rate": "100"},
        {"rate": "12.500000"},
        {"commission_type": "FLAT", "rate": "9999999999999.99", "currency": "TRY"},
        {"commission_type": "TIERED", "rate": None, "tiers": TIERS, "currency": "TRY"},
        {"min_amount": "1.00", "max_amount": "1.00", "currency": "TRY"},
        {"region": "TR/İstanbul/Kadıköy", "logistics_provider": "hızlı", "priority": -1_000_000},
        {"effective_to": LONG_AGO + timedelta(microseconds=1)},
        {"seller_id": None, "priority": 999_999, "split": {"seller": 85, "logistics": 5}},
    ],
)
async def test_a_rate_that_the_spec_allows_is_stored(database: Database, columns: dict[str, Any]) -> None:
    async with database.transaction() as connection:
        assert await insert_rate(connection, **columns)


@pytest.mark.parametrize(
    "columns",
    [
        {"effective_to": LONG_AGO},
        {"effective_to": LONG_AGO - DAY},
        {"effective_to": NEVER},
        {"rate": "-0.01"},
        {"rate": "100.01"},
        {"rate": "NaN"},
        {"rate": "Infinity"},
        {"rate": None},
        {"commission_type": "FLAT", "rate": "5"},
        {"commission_type": "FLAT", "rate": "-5", "currency": "TRY"},
        {"commission_type": "FLAT", "rate": "NaN", "currency": "TRY"},
        {"commission_type": "FLAT", "rate": "10000000000000", "currency": "TRY"},
        {"commission_type": "FLAT", "rate": None, "currency": "TRY"},
        {"commission_type": "TIERED", "rate": None, "tiers": TIERS},
        {"commission_type": "TIERED", "rate": None, "tiers": None, "currency": "TRY"},
        {"commission_type": "TIERED", "rate": "5", "tiers": TIERS, "currency": "TRY"},
        {"commission_type": "TIERED", "rate": None, "tiers": [], "currency": "TRY"},
        {"commission_type": "TIERED", "rate": None, "tiers": {"up_to": None}, "currency": "TRY"},
        {"tiers": TIERS, "currency": "TRY"},
        {"commission_type": "SURPRISE"},
        {"min_amount": "5"},
        {"max_amount": "5"},
        {"min_amount": "5", "max_amount": "4", "currency": "TRY"},
        {"min_amount": "-1", "currency": "TRY"},
        {"max_amount": "NaN", "currency": "TRY"},
        {"scope": "BASKET"},
        {"split": [85, 15]},
        {"currency": "try"},
        {"currency": "TRYX"},
        {"region": "TR", "region_key": ""},
        {"region": None, "region_key": "tr"},
        {"logistics_provider": ""},
        {"priority": 1_000_001},
        {"effective_from": None},
    ],
)
async def test_a_rate_that_the_spec_refuses_is_not_stored(database: Database, columns: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        async with database.transaction() as connection:
            await insert_rate(connection, **columns)


SCOPE = {
    "seller_id": "0198f2b4-0000-7000-8000-000000000001",
    "category_id": "0198f2b4-0000-7000-8000-000000000002",
    "logistics_provider": "hızlı",
    "currency": "TRY",
    "region": "TR/İstanbul",
    "priority": 5,
}


@pytest.mark.parametrize(
    "difference",
    [
        {},
        {"region": "tr/ISTANBUL"},
        {"rate": "11"},
        {"commission_type": "FLAT", "scope": "ORDER"},
        {"effective_from": LONG_AGO + DAY, "effective_to": LONG_AGO + 2 * DAY},
        {"effective_from": LONG_AGO - DAY, "effective_to": LONG_AGO + timedelta(microseconds=1)},
    ],
)
async def test_a_rate_of_the_same_scope_in_the_same_period_overlaps(
    database: Database, difference: dict[str, Any]
) -> None:
    scope = SCOPE | {"seller_id": new_id()}
    async with database.transaction() as connection:
        await insert_rate(connection, **scope)
    with pytest.raises(RateOverlaps):
        async with database.transaction() as connection:
            await insert_rate(connection, **(scope | difference))


@pytest.mark.parametrize(
    "difference",
    [
        {"seller_id": None},
        {"category_id": None},
        {"logistics_provider": None},
        {"logistics_provider": "Hızlı"},
        {"currency": None},
        {"currency": "EUR"},
        {"region": None},
        {"region": "İstanbul"},
        {"region": "TR"},
        {"priority": 6},
        {"is_active": False},
        {"effective_from": LONG_AGO - DAY, "effective_to": LONG_AGO},
    ],
)
async def test_a_rate_that_differs_in_one_part_of_the_scope_stands_beside(
    database: Database, difference: dict[str, Any]
) -> None:
    scope = SCOPE | {"seller_id": new_id(), "category_id": new_id()}
    async with database.transaction() as connection:
        await insert_rate(connection, **scope)
        await insert_rate(connection, **(scope | difference))
        wanted = "SELECT count(*) FROM commission_rates WHERE seller_id = $1 OR category_id = $2"
        assert await connection.fetchval(wanted, scope["seller_id"], scope["category_id"]) == 2


async def test_the_parts_of_a_scope_do_not_run_into_each_other(database: Database) -> None:
    seller = new_id()
    async with database.transaction() as connection:
        await insert_rate(connection, seller_id=seller, region="a|b", logistics_provider="c")
        await insert_rate(connection, seller_id=seller, region="a", logistics_provider="b|c")
        await insert_rate(connection, seller_id=seller, region="a", logistics_provider="|b|c")
        assert await connection.fetchval("SELECT count(*) FROM commission_rates WHERE seller_id = $1", seller) == 3


async def test_a_bulk_change_may_exchange_the_periods_of_two_rates(database: Database) -> None:
    seller = new_id()
    early, late = (LONG_AGO, LONG_AGO + DAY), (LONG_AGO + DAY, LONG_AGO + 2 * DAY)
    async with database.transaction() as connection:
        first = await insert_rate(connection, seller_id=seller, effective_from=early[0], effective_to=early[1])
        second = await insert_rate(connection, seller_id=seller, effective_from=late[0], effective_to=late[1])

    async def set_periods(**periods: tuple[datetime, datetime]) -> None:
        async with database.transaction() as connection:
            await connection.execute("SET CONSTRAINTS commission_rates_no_overlap DEFERRED")
            for identifier, (starts, ends) in periods.items():
                await change(connection, "commission_rates", identifier, effective_from=starts, effective_to=ends)

    await set_periods(**{first: late, second: early})
    with pytest.raises(RateOverlaps):
        await set_periods(**{first: early})


@pytest.mark.parametrize(
    "columns",
    [
        {"effective_to": LONG_AGO},
        {"version": 0},
        {"name": ""},
        {"name": "n" * 201},
        {"type": "SURPRISE"},
        {"configuration": [1]},
        {"conditions": "always"},
        {"type": "DELIVERY_FEE", "configuration": {"base_fee": 10}},
        {"type": "SMALL_BASKET_FEE", "configuration": {"threshold": 10, "fee": 1}},
        {"type": "EXPRESS_FEE", "configuration": {"base_fee": 10}},
        {"currency": "tl"},
        {"priority": -1_000_001},
        {"region": "TR", "region_key": ""},
        {"name": "zero \x00 byte"},
        {"configuration": {"zero": "\x00"}},
    ],
)
async def test_a_rule_that_the_spec_refuses_is_not_stored(database: Database, columns: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        async with database.transaction() as connection:
            await insert_rule(connection, **columns)


async def test_a_version_of_a_rule_exists_once_and_all_are_of_one_type(database: Database) -> None:
    async with database.transaction() as connection:
        await insert_rule(connection, name="vat")
        await insert_rule(connection, name="vat", version=2)
        await insert_rule(connection, name="VAT")
    with pytest.raises(VersionConflict):
        async with database.transaction() as connection:
            await insert_rule(connection, name="vat", version=2)
    with pytest.raises(Conflict, match="one type"):
        async with database.transaction() as connection:
            await insert_rule(connection, name="vat", version=3, type="FREE_DELIVERY")


@pytest.mark.parametrize(
    "columns",
    [
        {"configuration": {"rate": 20}},
        {"configuration": Written('{"rate": 18.0}')},
        {"priority": 1},
        {"effective_to": LONG_AGO + DAY},
        {"created_by": "somebody else"},
        {"version": 2},
    ],
)
async def test_a_version_of_a_rule_never_changes_but_can_be_switched(
    database: Database, columns: dict[str, Any]
) -> None:
    async with database.transaction() as connection:
        identifier = await insert_rule(connection)
        await change(connection, "pricing_rules", identifier, is_active=False)
        await change(connection, "pricing_rules", identifier, is_active=True)
    with pytest.raises(Conflict):
        async with database.transaction() as connection:
            await change(connection, "pricing_rules", identifier, is_active=False, **columns)
    async with database.read() as connection:
        row = await connection.fetchrow("SELECT is_active, revision FROM pricing_rules WHERE id = $1", identifier)
        assert row is not None
        assert tuple(row) == (True, 3)


@pytest.mark.parametrize(
    "columns",
    [
        {"value": 1},
        {"value": None},
        {"type": "STRING"},
        {"type": "NUMBER", "value": "10"},
        {"type": "PERCENTAGE", "value": 100.001},
        {"type": "PERCENTAGE", "value": -1},
        {"type": "PERCENTAGE", "value": "50"},
        {"type": "PERCENTAGE", "value": 50, "default_value": False},
        {"default_value": "no"},
        {"type": "SURPRISE"},
        {"key": ""},
        {"key": "k" * 51},
        {"key": "with space"},
        {"key": "line\n"},
        {"rollout": []},
        {"salt": ""},
        {"algorithm": "coin"},
    ],
)
async def test_a_flag_that_the_spec_refuses_is_not_stored(database: Database, columns: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        async with database.transaction() as connection:
            await insert_flag(connection, **columns)


async def test_a_key_stays_taken_when_its_flag_is_archived(database: Database) -> None:
    async with database.transaction() as connection:
        identifier = await insert_flag(connection, key="taken")
    with pytest.raises(NameTaken):
        async with database.transaction() as connection:
            await insert_flag(connection, key="taken")
    async with database.transaction() as connection:
        await change(connection, "feature_flags", identifier, is_archived=True)
    with pytest.raises(NameTaken):
        async with database.transaction() as connection:
            await insert_flag(connection, key="taken")


async def test_one_quote_uses_a_coupon_once_and_one_counter_counts(database: Database) -> None:
    use = "INSERT INTO coupon_uses VALUES ($1, 'ten off', 'ten', $2, now())"
    count = "INSERT INTO coupon_usage VALUES ('ten off', $1, 1)"
    quote, customer = new_id(), new_id()
    async with database.transaction() as connection:
        await connection.execute(use, quote, customer)
        await connection.execute(count, None)
        await connection.execute(count, customer)
    for statement, arguments in ((use, (quote, customer)), (count, (None,)), (count, (customer,))):
        with pytest.raises(Conflict):
            async with database.transaction() as connection:
                await connection.execute(statement, *arguments)
    with pytest.raises(Invalid):
        async with database.transaction() as connection:
            await connection.execute("UPDATE coupon_usage SET uses = uses - 2")


@pytest.mark.parametrize(
    "table",
    [
        "rulebook_state",
        "commission_rates",
        "commission_rate_history",
        "pricing_rules",
        "pricing_rule_history",
        "feature_flags",
        "feature_flag_history",
        "coupon_exhaustions",
        "coupon_uses",
        "budget_exhaustions",
        "budget_exhaustion_history",
    ],
)
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {} CASCADE"])
async def test_nothing_that_followers_or_the_history_need_is_removed(
    database: Database, table: str, statement: str
) -> None:
    with pytest.raises(Conflict):
        async with database.transaction() as connection:
            await connection.execute(statement.format(table))


@pytest.mark.parametrize("table", ["commission_rate_history", "pricing_rule_history", "feature_flag_history"])
async def test_history_is_never_rewritten(database: Database, table: str) -> None:
    with pytest.raises(Conflict):
        async with database.transaction() as connection:
            await connection.execute(f"UPDATE {table} SET changed_by = 'nobody'")


@pytest.mark.parametrize("table", ["commission_rates", "feature_flags"])
async def test_an_identity_never_changes(database: Database, table: str) -> None:
    async with database.transaction() as connection:
        identifier = await (insert_rate if table == "commission_rates" else insert_flag)(connection)
    with pytest.raises(Conflict):
        async with database.transaction() as connection:
            await change(connection, table, identifier, id=new_id())


async def test_a_mistake_in_a_statement_is_not_dressed_up(database: Database) -> None:
    with pytest.raises(asyncpg.UndefinedColumnError):
        async with database.read() as connection:
            await connection.fetch("SELECT no_such_column")
    with pytest.raises(asyncpg.InterfaceError):
        async with database.read() as connection:
            await connection.fetch("SELECT $1::int", 1, 2)


async def test_a_budget_is_never_told_of_another_rule_or_currency(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(
            "INSERT INTO budget_exhaustions (rule_name, currency, spent_minor) VALUES ('ten off', 'TRY', 5)"
        )
    for change_of in ("rule_name = 'nine off'", "currency = 'EUR'", "customer_id = gen_random_uuid()"):
        with pytest.raises(Conflict):
            async with database.transaction() as connection:
                await connection.execute(f"UPDATE budget_exhaustions SET {change_of} WHERE rule_name = 'ten off'")
    async with database.transaction() as connection:
        await connection.execute("UPDATE budget_exhaustions SET spent_minor = 4 WHERE rule_name = 'ten off'")
        former = await connection.fetchrow(
            "SELECT spent_minor, replaced_in > changed_in FROM budget_exhaustion_history WHERE rule_name = 'ten off'"
        )
    assert former is not None
    assert tuple(former) == (5, True)


async def test_no_quote_gives_back_more_than_it_took(database: Database) -> None:
    units = "INSERT INTO claimed_units (quote_id, line, item_id, quantity, is_taken, given_back) VALUES ($1, 0, $1, 2, $2, $3)"
    spend = """INSERT INTO budget_spends (quote_id, rule_id, rule_name, currency, amount_minor, is_taken, given_back_minor)
    VALUES ($1, $1, 'ten off', 'TRY', 2, $2, $3)"""
    for statement in (units, spend):
        for is_taken, back in ((True, 3), (True, -1), (False, 1)):
            with pytest.raises(Invalid):
                async with database.transaction() as connection:
                    await connection.execute(statement, new_id(), is_taken, back)
        async with database.transaction() as connection:
            await connection.execute(statement, new_id(), True, 2)


async def test_a_reservation_is_held_or_has_ended(database: Database) -> None:
    made = """INSERT INTO reservations (quote_id, status, coupon_rules, coupon_codes, reserved_by, held_until, ended_at)
    VALUES ($1, $2, $3, '{}', 'ayşe', now(), $4)"""
    wrong: tuple[tuple[str, list[str], object], ...] = (
        ("held", [], LONG_AGO),
        ("released", [], None),
        ("kept", [], LONG_AGO),
        ("held", ["ten off"], None),
    )
    for status, rules, ended_at in wrong:
        with pytest.raises(Invalid):
            async with database.transaction() as connection:
                await connection.execute(made, new_id(), status, rules, ended_at)
    async with database.transaction() as connection:
        await connection.execute(made, new_id(), "expired", [], LONG_AGO)


async def test_of_one_kind_and_subject_one_signal_is_open(database: Database) -> None:
    made = """INSERT INTO signals (id, kind, subject, status, evidence, raised_at, last_at, expires_at, updated_at, resolved_at,
        acknowledged_at, acknowledged_by, verdict)
    VALUES ($1, $2, 'item', $3, '[]', now(), now(), now(), now(), $4, $5, $6, $7)"""

    async def write(kind: str, status: str, *columns: object) -> None:
        given = (*columns, *(None,) * (4 - len(columns)))
        async with database.transaction() as connection:
            await connection.execute(made, new_id(), kind, status, *given)

    for status, columns in (
        ("resolved", ()),
        ("acknowledged", ()),
        ("acknowledged", (None, LONG_AGO)),
        ("open", (None, LONG_AGO, "ayşe")),
        ("acknowledged", (None, LONG_AGO, "ayşe", "genuine")),
        ("known", ()),
    ):
        with pytest.raises(Invalid):
            await write("price_war", status, *columns)
    with pytest.raises(Invalid):
        await write("price_peace", "open")
    for kind in ("price_war", "low_inventory"):
        await write(kind, "open")
        with pytest.raises(Conflict):
            await write(kind, "open")
        await write(kind, "resolved", LONG_AGO)
        await write(kind, "acknowledged", None, LONG_AGO, "ayşe")
    await write("price_anomaly", "acknowledged", None, LONG_AGO, "ayşe", "genuine")


async def test_a_threshold_of_signals_is_for_one_thing_and_once(database: Database) -> None:
    made = """INSERT INTO signal_thresholds (id, kind, product_id, category_id, is_enabled, threshold, rearm_percent,
        expires_seconds, created_by, created_at, changed_by, updated_at)
    VALUES ($1, 'low_inventory', $2, $3, true, $4::text::numeric, $5::text::numeric, 60, '', now(), '', now())"""
    thing = new_id()
    wrong = ((thing, thing, "5", "50"), (thing, None, "0", "50"), (thing, None, "NaN", "50"), (thing, None, "5", "NaN"))
    for product, category, threshold, rearm in wrong:
        with pytest.raises(Invalid):
            async with database.transaction() as connection:
                await connection.execute(made, new_id(), product, category, threshold, rearm)
    for scope in ((None, None), (thing, None), (None, thing)):
        async with database.transaction() as connection:
            await connection.execute(made, new_id(), *scope, "5", "50")
        with pytest.raises(Conflict):
            async with database.transaction() as connection:
                await connection.execute(made, new_id(), *scope, "6", "50")


async def test_a_day_of_the_market_is_whole_and_one_run_is_at_it(database: Database) -> None:
    made = """INSERT INTO market_days (product_id, currency, day, price_low, price_high, moves, lowest_30d, units, orders,
        revenue_minor, units_returned, units_7d, units_28d, rivals, rival_low, rival_median, rival_high, cheaper, equal, dearer)
    VALUES ($1, 'EUR', '2026-01-01', $2, $3, 0, $4, 0, 0, 0, 0, 0, 0, $5, $6, $7, $8, $9, 0, 0)"""
    right = (5, 6, 4, 2, 3, 4, 5, 2)
    for place, value in ((0, 7), (2, 6), (3, 0), (4, 9), (5, None), (6, 3), (7, 1)):
        wrong = [*right[:place], value, *right[place + 1 :]]
        with pytest.raises(Invalid):
            async with database.transaction() as connection:
                await connection.execute(made, new_id(), *wrong)
    async with database.transaction() as connection:
        await connection.execute(made, new_id(), *right)

    run = """INSERT INTO market_runs (id, scope, engine, status, started_at, finished_at, lease_until, day)
    VALUES ($1, 'all', 'duckdb', $2, now(), $3, now(), '2026-01-01')"""
    for status, finished_at in (("running", LONG_AGO), ("done", None), ("begun", None)):
        with pytest.raises(Invalid):
            async with database.transaction() as connection:
                await connection.execute(run, new_id(), status, finished_at)
    async with database.transaction() as connection:
        await connection.execute(run, new_id(), "running", None)
    with pytest.raises(Conflict):
        async with database.transaction() as connection:
            await connection.execute(run, new_id(), "running", None)


async def test_a_window_of_the_market_is_of_its_time_and_one_process_streams(database: Database) -> None:
    counts = "counted, removed, doubted, applied, views, searches, carts, cart_units, purchases, purchase_units"
    made = f"""INSERT INTO market_windows (engine, subject, currency, starts_at, width_seconds, events, newest_at, low, high,
        first_mark, last_mark, product_id, {counts})
    VALUES ($1, $2, $3, '2026-01-01 10:00Z', 300, $4, $5::timestamptz, $6, $7, $8, $9, $10, 1, 0, 0, 0, 0, 0, 0, 0, 0, $11)"""
    within, end = datetime(2026, 1, 1, 10, 4, 59, tzinfo=UTC), datetime(2026, 1, 1, 10, 5, tzinfo=UTC)
    right = ("spark", "prices", "EUR", 1, within, 5, 6, "1", "2")
    for place, value in (
        *((0, "duckdb"), (1, "stock"), (2, "eur"), (3, 0), (4, end), (5, 7), (5, None), (6, None), (7, "3")),
        *((8, None), (5, -1)),
    ):
        wrong = [*right[:place], value, *right[place + 1 :]]
        with pytest.raises(Invalid):
            async with database.transaction() as connection:
                await connection.execute(made, *wrong, new_id(), 0)
    with pytest.raises(Invalid):
        async with database.transaction() as connection:
            await connection.execute(made, *right, new_id(), -1)
    product = new_id()
    async with database.transaction() as connection:
        await connection.execute(made, *right, product, 0)
    with pytest.raises(Conflict):
        async with database.transaction() as connection:
            await connection.execute(made, *right, product, 0)

    stream = "INSERT INTO market_streams (holder, started_at, lease_until, source) VALUES ($1, now(), now(), $2)"
    with pytest.raises(Invalid):
        async with database.transaction() as connection:
            await connection.execute(stream, new_id(), "files")
    async with database.transaction() as connection:
        await connection.execute(stream, new_id(), "python")
    with pytest.raises(Conflict):
        async with database.transaction() as connection:
            await connection.execute(stream, new_id(), "kafka")


_DECIDED = {
    "state": "applied", "mode": "auto", "origin": "loop", "current_minor": 10_000, "price_minor": 10_500,
    "floor_minor": 7_500, "cost_minor": 7_000, "confirmed_minor": 10_000, "day_start_minor": 10_000, "lowest_margin_bp": 500,
    "highest_margin_bp": 6_000, "step_bp": 500, "day_bp": 1_000, "cumulative_bp": 2_000, "by_person": False,
    "currency": "EUR", "exponent": 2, "details": "{}", "created_by": "a test",
}  # fmt: skip


async def insert_decision(connection: Connection, product_id: Any, columns: dict[str, Any]) -> None:
    values = (
        _DECIDED | {"id": new_id(), "product_id": product_id, "created_at": LONG_AGO, "applied_at": LONG_AGO} | columns
    )
    places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    statement = f"INSERT INTO price_decisions ({', '.join(values)}) VALUES ({places})"
    await connection.execute(statement, *values.values())


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        # The row by itself, whatever it claims of the world.
        ({"floor_minor": None}, "price_decisions_floor"),
        ({"floor_minor": 10_501}, "price_decisions_floor"),
        ({"ceiling_minor": 10_499}, "price_decisions_ceiling"),
        ({"minimum_advertised_minor": 10_501}, "price_decisions_minimum_advertised"),
        ({"cost_minor": None}, "price_decisions_margins"),
        ({"cost_minor": 10_000}, "price_decisions_margins"),
        ({"highest_margin_bp": 3_000}, "price_decisions_margins"),
        ({"step_bp": 499}, "price_decisions_step"),
        ({"day_start_minor": 9_500}, "price_decisions_day"),
        ({"confirmed_minor": None}, "price_decisions_cumulative"),
        # What it claims, against what is in force.
        ({"current_minor": 10_001}, "price_decisions_moved"),
        (
            {"price_minor": 7_499, "by_person": True, "floor_minor": 7_400, "lowest_margin_bp": 0},
            "price_decisions_bounds",
        ),
        ({"price_minor": 10_501, "step_bp": 10_000}, "price_decisions_far"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
async def test_an_applied_price_decision_holds_every_bound_of_what_is_in_force(
    database: Database, columns: dict[str, Any], constraint: str
) -> None:
    product_id = await Shelves(database).product(mode="auto")
    with pytest.raises(Invalid) as refused:
        async with database.transaction() as connection:
            await insert_decision(connection, product_id, columns)
    assert getattr(refused.value.__cause__, "constraint_name", None) == constraint
    async with database.transaction() as connection:
        await insert_decision(connection, product_id, {})


async def test_prices_are_moved_by_decisions_that_are_there_and_in_no_other_mode(database: Database) -> None:
    product_id = await Shelves(database).product(mode="suggest")
    with pytest.raises(Invalid) as refused:
        async with database.transaction() as connection:
            await insert_decision(connection, product_id, {})
    assert getattr(refused.value.__cause__, "constraint_name", None) == "price_decisions_mode"
    for source in (new_id(), ""):
        with pytest.raises(Invalid):
            await move_as_a_decision(database, product_id, source)


async def move_as_a_decision(database: Database, product_id: Any, source: str) -> None:
    told = "set_config('quote_service.price_reason', 'intelligence', true)"
    async with database.transaction() as connection:
        await connection.execute(f"SELECT {told}, set_config('quote_service.price_source', $1, true)", source)
        await connection.execute("UPDATE product_prices SET current_price = 101 WHERE product_id = $1", product_id)


@pytest.mark.parametrize(
    "columns",
    [
        {"topic": "weather"},
        {"key": ""},
        {"key": "k" * 201},
        {"type": "changed"},
        {"type": "Price.Changed"},
        {"data": '{"text": "' + "x" * 262_144 + '"}'},
    ],
    ids=lambda columns: " ".join(f"{name} {value[:12]}" for name, value in columns.items()),
)
async def test_an_event_that_no_bus_could_carry_is_not_told(database: Database, columns: dict[str, str]) -> None:
    row = {"topic": "decisions", "key": "k", "type": "decision.made", "data": "{}", **columns}
    with pytest.raises(Invalid):
        async with database.transaction() as connection:
            await connection.execute(
                "INSERT INTO event_outbox (topic, key, type, data) VALUES ($1, $2, $3, $4)", *row.values()
            )


@pytest.mark.parametrize(
    "columns",
    [
        {"state": "retrying", "due_at": None},
        {"state": "lost"},
        {"data": None},
        {"key": None},
        {"raw": b"junk"},
        {"attempts": 0},
    ],
    ids=" ".join,
)
async def test_a_dead_letter_holds_an_event_or_what_came_instead(database: Database, columns: dict[str, Any]) -> None:
    row = {
        "consumer_group": "g",
        "topic": "decisions",
        "event_id": new_id(),
        "key": "k",
        "type": "decision.made",
        "at": LONG_AGO,
        "data": "{}",
        "raw": None,
        "state": "dead",
        "attempts": 1,
        "last_error": "e",
        "due_at": None,
        **columns,
    }
    places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
    with pytest.raises(Invalid):
        async with database.transaction() as connection:
            await connection.execute(
                f"INSERT INTO event_dead_letters ({', '.join(row)}) VALUES ({places})", *row.values()
            )


@pytest.mark.parametrize(
    "columns", [{"hour": LONG_AGO + timedelta(minutes=1)}, {"views": -1}, {"carts": -1}], ids=" ".join
)
async def test_behaviour_is_kept_by_whole_hours_and_counts(database: Database, columns: dict[str, Any]) -> None:
    row = {"product_id": new_id(), "hour": LONG_AGO, "views": 1, "carts": 0, **columns}
    with pytest.raises(Invalid):
        async with database.transaction() as connection:
            await connection.execute(
                "INSERT INTO product_behaviour_hours (product_id, hour, views, carts) VALUES ($1, $2, $3, $4)",
                *row.values(),
            )
