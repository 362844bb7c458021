"""`quote-service intelligence analyse`. Source: docs/spec/market-analysis.md#run-it-by-hand."""

from __future__ import annotations

import asyncio
from importlib.util import find_spec

import asyncpg
import msgspec
import pytest
from click.testing import CliRunner, Result

from quote_service.serving.cli import main


def analyse(database_url: str, *options: str, **settings: str) -> Result:
    return CliRunner().invoke(
        main,
        ["intelligence", "analyse", *options],
        env={"DATABASE_URL": database_url, "QUOTE_ANALYTICS_ENGINE": "duckdb", **settings},
    )


def execute(database_url: str, statement: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(database_url)
        await connection.execute(statement)
        await connection.close()

    asyncio.run(run())


def test_it_shows_what_it_did_and_when_another_run_is_at_it(database_url: str) -> None:
    done = analyse(database_url, "--json")
    assert done.exit_code == 0, done.output
    reported = msgspec.json.decode(done.stdout.splitlines()[-1])
    assert (reported["products"], reported["rows"], reported["engine"]) == (0, 0, "duckdb")
    assert analyse(database_url, "--changed").stdout.splitlines()[-1].startswith("0 products, 0 rows, ")

    execute(
        database_url,
        "INSERT INTO market_runs (id, scope, engine, status, started_at, lease_until, day) VALUES "
        "(gen_random_uuid(), 'all', 'duckdb', 'running', now(), now() + interval '1 hour', current_date)",
    )
    refused = analyse(database_url)
    assert (refused.exit_code, refused.output.splitlines()[-1]) == (
        1,
        "Error: another run is in progress; wait for it, or try again",
    )
    execute(database_url, "DELETE FROM market_runs WHERE status = 'running'")


def test_options_that_contradict_each_other(database_url: str) -> None:
    assert analyse(database_url, "--whole", "--changed").exit_code == 2


@pytest.mark.skipif(find_spec("pyspark") is not None, reason="Apache Spark is installed")
def test_an_engine_that_is_not_installed(database_url: str) -> None:
    refused = analyse(database_url, QUOTE_ANALYTICS_ENGINE="spark")
    assert refused.exit_code == 1
    assert "pip install 'quote-service[spark]'" in refused.output
