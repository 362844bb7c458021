"""The check finds what somebody has done by hand, behind the back of every trigger.

Source: docs/spec/orders.md#check.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.instants import from_micros
from quote_service.selling.ledger.operations.check_ledger import check_ledger
from quote_service.selling.orders.model.findings import CHECKS
from quote_service.selling.orders.model.order import CommissionTax, Order
from quote_service.selling.orders.operations.change_order import cancel_order
from quote_service.selling.orders.operations.check_orders import check_orders
from quote_service.selling.orders.operations.place_orders import post_orders
from quote_service.selling.orders.tables.orders import insert_orders
from tests.conftest import MakeDatabase
from tests.fixtures.environment import service_environment
from tests.orders.books import a_change
from tests.orders.refunds.any_order import RATES, RULES, SELLERS, a_commission, a_discount, a_line, an_order
from tests.orders.refunds.breakages import BREAKAGES as OF_REFUNDS
from tests.test_specification import first_column

PROJECT = Path(__file__).parents[2]
PLACED, CANCELLED = UUID(int=1), UUID(int=2)
# What is done, and which checks find it. Each is done to orders of their own.
BREAKAGES: dict[str, tuple[str, set[str]]] = {
    "a total is changed": (
        "UPDATE orders SET total_minor = total_minor + 1, delivery_fee_minor = delivery_fee_minor + 1",
        {"posted"},
    ),
    "a payout is changed": (
        "UPDATE orders SET sellers = replace(sellers::text, '\"payout_minor\":', '\"payout_minor\":1')::json",
        {"posted"},
    ),
    "the entries of an order are removed": (
        "DELETE FROM ledger_transactions WHERE kind = 'order' AND source_id = '{placed}'",
        {"posted"},
    ),
    "an order is removed": ("DELETE FROM orders WHERE id = '{placed}'", {"source", "lines"}),
    "an order is cancelled by hand": (
        "UPDATE orders SET status = 'cancelled', cancelled_at = now() WHERE id = '{placed}'",
        {"cancelled"},
    ),
    "a cancelled order is placed again by hand": (
        "UPDATE orders SET status = 'placed', cancelled_at = NULL WHERE id = '{cancelled}'",
        {"cancelled"},
    ),
    "a cancellation is removed": ("DELETE FROM ledger_transactions WHERE kind = 'cancellation'", {"cancelled"}),
    "a line is removed": ("DELETE FROM order_lines WHERE order_id = '{placed}' AND line_id = 1", {"lines"}),
    "a line goes to another seller": (
        "UPDATE order_lines SET seller_id = gen_random_uuid() WHERE order_id = '{placed}' AND line_id = 1",
        {"lines"},
    ),
    "more units are sold": ("UPDATE order_lines SET quantity = quantity + 1 WHERE order_id = '{placed}'", {"lines"}),
    "tax is contained from now on": ("UPDATE order_lines SET is_tax_included = NOT is_tax_included", {"lines"}),
}


async def two_orders(url: str) -> None:
    """One that is placed, and one that is cancelled."""
    database = await Database.open(url)
    for order_id in (PLACED, CANCELLED):
        change = a_change()
        lines = (
            a_line(
                1,
                goods_minor=1000,
                quantity=3,
                tax_minor=200,
                discounts=(a_discount(RULES[0], 30, 20),),
                commissions=(a_commission(RATES[0], 100),),
            ),
            a_line(2, goods_minor=500, seller_id=SELLERS[1], tax_minor=83, is_tax_included=True),
        )
        taxes = {SELLERS[0]: CommissionTax(RULES[1], 20_000_000, True, 17)}
        figures = an_order(
            lines, taxes, delivery_fee_minor=1250, fee_exclusive_tax_minor=250, fee_inclusive_tax_minor=5
        )
        order = Order(
            id=order_id,
            quote_id=uuid4(),
            purchase_id=None,
            customer_id=uuid4(),
            status="placed",
            figures=figures,
            external_ref=None,
            rulebook_version=None,
            placed_at=from_micros(change.at_us),
            placed_by=change.actor,
            placed_by_kind=change.actor_kind,
            request_id=change.request_id,
            changed_at=from_micros(change.at_us),
            fulfilled_at=None,
            cancelled_at=None,
        )
        async with database.transaction() as connection:
            await insert_orders(connection, [order])
            await post_orders(connection, [order])
    async with database.transaction() as connection:
        await cancel_order(Change.within(connection, a_change()), CANCELLED)
    assert (await check_ledger(database)).findings == []
    await database.close()


async def findings_in(url: str) -> list[tuple[str, str]]:
    database = await Database.open(url)
    found = await check_orders(database)
    await database.close()
    return [(finding.check, finding.detail) for finding in found.findings]


@pytest.mark.parametrize("name", BREAKAGES)
async def test_each_breakage_is_found(new_database_url: MakeDatabase, name: str) -> None:
    url = new_database_url()
    await two_orders(url)
    assert await findings_in(url) == []
    statement, wanted = BREAKAGES[name]
    connection = await asyncpg.connect(url)
    await connection.execute("SET session_replication_role = replica")
    await connection.execute(statement.format(placed=PLACED, cancelled=CANCELLED))
    await connection.close()
    found = await findings_in(url)
    assert {check for check, _ in found} == wanted, found


def test_every_check_finds_something() -> None:
    breakages = [*BREAKAGES.values(), *OF_REFUNDS]
    assert {check for _, checks in breakages for check in checks} == CHECKS.keys()


def test_the_page_names_every_check() -> None:
    assert first_column("orders.md", "Check") == CHECKS.keys()


async def test_the_command_says_what_holds_and_what_does_not(new_database_url: MakeDatabase) -> None:
    url = new_database_url()
    await two_orders(url)
    output = run_check(url)
    assert output.returncode == 0, output.stderr
    first, *lines = output.stdout.splitlines()
    assert first == "2 orders, 4 lines"
    assert [line.split()[:2] for line in lines] == [[name, "holds"] for name in CHECKS]
    connection = await asyncpg.connect(url)
    await connection.execute("SET session_replication_role = replica")
    await connection.execute("DELETE FROM order_lines")
    await connection.close()
    broken = run_check(url, "--json")
    assert broken.returncode == 1
    document = json.loads(broken.stdout)
    assert (document["holds"], {finding["check"] for finding in document["findings"]}) == (False, {"lines"})


def run_check(url: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "quote_service", "orders", "check", *options],
        cwd=PROJECT,
        env=service_environment({"DATABASE_URL": url}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
