"""The long campaign: rounds one after the other until the time is over or one of them fails.

Source: docs/spec/price-decisions.md#faults.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
import time
import traceback
from collections import Counter
from itertools import count
from pathlib import Path

import structlog

from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.platform.postgres.migrate import migrate
from tests.conftest import execute
from tests.flash_sales.campaign.world import postgres_that_may_be_killed
from tests.price_decisions.campaign.faults import KINDS
from tests.price_decisions.campaign.rounds import play_round

TURNS, FAULTS = 25, 6


def main(words: list[str]) -> int:
    """Play rounds; 1 where one of them failed."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.price_decisions.campaign", description="Prices among faults."
    )
    parser.add_argument("--minutes", type=float, default=10.0, help="how long (10)")
    parser.add_argument("--seed", type=int, default=1, help="of the first round (1)")
    parser.add_argument("--rounds", type=int, default=0, help="so many, however long they take")
    parser.add_argument("--history", type=Path, default=Path("build/faults"), help="where what failed is written")
    parser.add_argument("--go-on", action="store_true", help="after a failure too")
    given = parser.parse_args(words)
    # That the database is unavailable is what the rounds are about.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory(prefix="quote-service-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        server = postgres_that_may_be_killed(folder / "postgres")
        server.start()
        try:
            return asyncio.run(_play_all(given, server))
        finally:
            server.kill()
            server.discard()


async def _play_all(given: argparse.Namespace, server: PostgresServer) -> int:
    execute(server, "CREATE DATABASE empty_shop")
    await migrate(server.url_of("empty_shop"))
    deadline = time.monotonic() + given.minutes * 60
    reported: Counter[str] = Counter()
    failed: list[int] = []
    rounds = by_itself = by_person = 0
    for seed in count(given.seed):
        if rounds >= given.rounds > 0 or (not given.rounds and time.monotonic() > deadline):
            break
        shop, began = f"shop_{seed}", time.monotonic()
        execute(server, f"CREATE DATABASE {shop} TEMPLATE empty_shop")
        try:
            played = await play_round(server.url_of(shop), seed, TURNS, server, FAULTS)
            violations = played.violations
            by_itself, by_person = by_itself + played.by_itself, by_person + played.by_person
            reported.update({kind: played.world.counts[kind] for kind in KINDS})
        except (Exception, BaseExceptionGroup) as failure:  # noqa: BLE001 (told, and a failure)
            violations = ["".join(traceback.format_exception(failure))]
        rounds += 1
        print(f"seed {seed}: {time.monotonic() - began:.1f} s, {by_itself} prices set so far", flush=True)
        if violations:
            print("\n".join(f"    {each}" for each in violations[:20]))
            given.history.mkdir(parents=True, exist_ok=True)
            (given.history / f"prices-{seed}.txt").write_text("\n".join(violations))
            failed.append(seed)
            if not given.go_on:
                break
        execute(server, f"DROP DATABASE {shop} WITH (FORCE)")
    faults = ", ".join(f"{kind} {times}" for kind, times in sorted(reported.items()))
    print(
        f"\n{rounds} rounds of price decisions: {by_itself} prices set by themselves, {by_person} by people; {faults}"
    )
    if failed:
        print(f"Failed: seeds {failed}. python -m tests.price_decisions.campaign --rounds 1 --seed N")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
