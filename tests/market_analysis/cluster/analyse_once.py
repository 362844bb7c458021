"""One run of the analysis on a cluster, in a process that may be killed: `python -m tests.market_analysis.cluster.analyse_once`."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from quote_service.intelligence.market_analysis.operations.run_analysis import run_analysis
from quote_service.platform.postgres.pool import Database
from tests.market_analysis.random_market import NOW_US
from tests.market_analysis.stored_market import TERMS


async def main(database_url: str, master: str, folder: str) -> None:
    """Work out every product."""
    database = await Database.open(database_url, acquire_seconds=60, statement_seconds=60, lock_seconds=60)
    terms = TERMS._replace(engine="spark", memory_mb=512, spark_master=master, folder=Path(folder))
    await run_analysis(database, terms, "all", NOW_US)
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
    os._exit(0)  # what DuckDB's bindings say at the end of an interpreter is of no interest
