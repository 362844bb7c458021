"""How PostgreSQL finds what has changed among many products: by an index, however it plans.

Source: docs/decisions/followed-catalog.md.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from loadtests.bench.catalog import fill_catalog
from quote_service.platform.postgres.pool import Database
from quote_service.rulebook.snapshot.tables import catalog_rows, moment
from quote_service.rulebook.snapshot.tables.catalog_rows import plan_by_index

PRODUCTS = 10_000
FEW = (["500", "900"], ["501", "4611686018427387904"])


@pytest.fixture(scope="module")
def filled(database_url: str) -> str:
    # On a thread of its own: fixtures are called within a running loop too.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, fill_catalog(database_url, PRODUCTS)).result()
    return database_url


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_a_look_for_changes_goes_through_no_table(filled: str, database: Database, mode: str) -> None:
    query = moment.STATEMENTS["has_changed"]
    async with database.transaction() as connection:
        await connection.execute(f"SET LOCAL plan_cache_mode = {mode}")
        plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {query}", *FEW, True))
    assert "products_changed_in" in plan, plan
    assert "Seq Scan on products" not in plan, plan


@pytest.mark.parametrize("name", ["changed_products", "changed_variants", "changed_customers", "categories_changed"])
@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_what_changed_is_found_by_index(filled: str, database: Database, name: str, mode: str) -> None:
    query = catalog_rows.STATEMENTS[name]
    async with database.transaction() as connection:
        await connection.execute(f"SET LOCAL plan_cache_mode = {mode}")
        await plan_by_index(connection)
        plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {query}", *FEW))
    assert "changed_in" in plan, plan
    assert "Seq Scan" not in plan, plan
    assert "Hash" not in plan, plan
    assert "Merge" not in plan, plan


async def test_all_products_are_read_as_a_whole(filled: str, database: Database) -> None:
    """The plan by index would take many times as long for all of them."""
    query = catalog_rows.STATEMENTS["products"]
    async with database.transaction() as connection:
        plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {query}"))
    assert "Nested Loop" not in plan, plan
