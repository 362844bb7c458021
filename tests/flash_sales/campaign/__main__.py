"""The long campaign: rounds one after the other until the time is over or one of them fails.

Source: docs/spec/flash-sales.md#faults.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
import traceback
from pathlib import Path

import pytest

from quote_service.platform.postgres.migrate import migrate
from tests.flash_sales.campaign.rounds import draw_round, history_path, play
from tests.flash_sales.campaign.summary import Campaign, summary
from tests.flash_sales.campaign.verdict import Report
from tests.flash_sales.campaign.world import Servers, campaign_servers, open_world


def main(words: list[str]) -> int:
    """Play rounds; 1 where one of them failed."""
    given = _options().parse_args(words)
    with campaign_servers() as servers:
        return asyncio.run(_play_all(given, servers))


async def _play_all(given: argparse.Namespace, servers: Servers) -> int:
    folder, postgres, stock, fork_server = servers
    await migrate(postgres.url)
    deadline = time.monotonic() + given.minutes * 60
    failed: list[int] = []
    played = lost = rejected = 0
    async with open_world(fork_server, folder, postgres, "postgres", stock) as world:
        for seed in range(given.seed, given.seed + given.rounds) if given.rounds else _without_end(given.seed):
            if not given.rounds and time.monotonic() > deadline:
                break
            planned = draw_round(seed)
            print(planned, flush=True)
            began = time.monotonic()
            try:
                report = await play(world, planned, given.history)
            except (Exception, BaseExceptionGroup, pytest.fail.Exception) as failure:  # noqa: BLE001 (told, and counted as a failure)
                report = Report(violations=["".join(traceback.format_exception(failure))])
            played += 1
            lost, rejected = lost + report.lost, rejected + report.rejected
            print(
                f"    {time.monotonic() - began:.1f} s: {report.answers} answers, {report.sold} units sold, "
                f"{report.lost} reservations lost, {report.rejected} refused late, {report.recoveries} recoveries",
                flush=True,
            )
            if report.violations:
                failed.append(seed)
                _report(report, seed, given.history)
                if not given.go_on:
                    break
    print(f"\n{summary(Campaign(played, failed, lost, rejected), given.history)}")
    return 1 if failed else 0


def _report(report: Report, seed: int, folder: Path) -> None:
    for violation in report.violations[:20]:
        print(f"    {violation}")
    print(f'    again: make faults ARGS="--seed {seed} --rounds 1"   history: {history_path(folder, seed)}', flush=True)


def _without_end(seed: int) -> range:
    return range(seed, sys.maxsize)


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="make faults", description=__doc__)
    options.add_argument("--seed", type=int, default=1, help="of the first round; each further one has the next")
    options.add_argument("--minutes", type=float, default=10.0, help="for how long to begin new rounds")
    options.add_argument("--rounds", type=int, default=0, help="so many, however long they take")
    options.add_argument("--history", type=Path, default=Path("build/faults"), help="where histories of failures go")
    options.add_argument("--go-on", action="store_true", help="after a failure too")
    return options


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
