"""The long campaign: rounds one after the other until the time is over or one of them fails.

Source: docs/spec/orders.md#faults.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import time
import traceback
from itertools import count
from pathlib import Path

import pytest

from quote_service.platform.postgres.migrate import migrate
from tests.flash_sales.campaign.world import Servers, campaign_servers
from tests.orders.campaign.rounds import draw_round, play
from tests.orders.campaign.world import OrderWorld, open_order_world


def main(words: list[str]) -> int:
    """Play rounds; 1 where one of them failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.orders.campaign", description="Orders among faults.")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long (10)")
    parser.add_argument("--seed", type=int, default=1, help="of the first round (1)")
    parser.add_argument("--rounds", type=int, default=0, help="so many, however long they take")
    parser.add_argument("--history", type=Path, default=Path("build/faults"), help="where logs of failures go")
    parser.add_argument("--go-on", action="store_true", help="after a failure too")
    given = parser.parse_args(words)
    with campaign_servers() as servers:
        return asyncio.run(_play_all(given, servers))


async def _play_all(given: argparse.Namespace, servers: Servers) -> int:
    folder, postgres, valkey, fork_server = servers
    await migrate(postgres.url)
    deadline = time.monotonic() + given.minutes * 60
    orders = refunds = cancelled = rounds = 0
    failed: list[int] = []
    async with open_order_world(fork_server, folder, postgres, "postgres", valkey) as world:
        for seed in count(given.seed):
            if rounds >= given.rounds > 0 or (not given.rounds and time.monotonic() > deadline):
                break
            planned = draw_round(seed)
            print(planned, flush=True)
            began = time.monotonic()
            try:
                shelf = await play(world, planned)
                violations = shelf.violations
            except (Exception, BaseExceptionGroup, pytest.fail.Exception) as failure:  # noqa: BLE001 (told, and a failure)
                violations = ["".join(traceback.format_exception(failure))]
            else:
                orders += len(shelf.bought)
                refunds += sum(len(each.refunds_minor) for each in shelf.bought)
                cancelled += sum(each.is_cancelled for each in shelf.bought)
            rounds += 1
            print(f"    {time.monotonic() - began:.1f} s, {orders} orders so far", flush=True)
            if violations:
                print("\n".join(f"    {each}" for each in violations[:20]))
                _keep_logs(world, given.history, seed)
                failed.append(seed)
                if not given.go_on:
                    break
    print(f"\n{rounds} rounds of orders: {orders} placed, {cancelled} cancelled, {refunds} refunds")
    if failed:
        print(
            f"Failed: seeds {failed}. Logs are in {given.history}; python -m tests.orders.campaign --rounds 1 --seed N"
        )
    return 1 if failed else 0


def _keep_logs(world: OrderWorld, folder: Path, seed: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for log in world.logs():
        shutil.copy(log, folder / f"orders-{seed}-{log.parent.name}-{log.name}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
