"""How many accepted quotes a replay prices in a second of one core, and which step costs how much.

    python -m loadtests.replay_speed [--quotes 10000] [--lines 1]

Wanted are 20 000 of one line. A replay prices each quote twice, as it was and with a change (a promotion and a commission rate), and
holds the first against the bytes that were issued. Figures are CPU time of the process, the best of several rounds, since everything
else on the machine only ever adds to them; what PostgreSQL does meanwhile is on another core.

Source: docs/spec/replay.md#processes.
"""

import argparse
import asyncio
import gc
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from loadtests.bench.baskets import basket_format, write_basket
from loadtests.bench.installation import prepare
from loadtests.bench.stores import running_stores
from loadtests.past_quotes import write_past
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.instants import from_micros
from quote_service.pricing.commission.rate import RateDraft
from quote_service.pricing.conditions.conditions import Conditions
from quote_service.pricing.price_quote import price_amounts, price_quote
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.pricing.rulebook.rule import RuleDraft
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.quotes.model.past_quote import SHARE_WHOLE, PastQuote, PastRange
from quote_service.quotes.operations.issued_again import is_issued_again
from quote_service.quotes.operations.past_quotes import read_past_quotes
from quote_service.quotes.reading.decode_basket import decode_kept_basket
from quote_service.rulebook.snapshot.operations.past_rulebooks import PastRulebooks
from quote_service.serving.processes.replay_process import COLLECT_AFTER_OBJECTS
from quote_service.steering.replay.model.count_quote import count_quote
from quote_service.steering.replay.model.replays import ReplayOrder
from quote_service.steering.replay.model.supposed_change import SupposedChange
from quote_service.steering.replay.model.supposed_rulebook import PreparedChange, suppose
from quote_service.steering.replay.model.tally import CurrencyTally, Tally
from quote_service.steering.replay.operations.price_again import PriceAgain
from quote_service.steering.replay.operations.run_replay import ReplayBounds, run_next_replay
from quote_service.steering.replay.operations.start_replay import read_result, start_replay

CHANGE = SupposedChange(
    draft_rules=[
        RuleDraft(
            name="Supposed",
            type="PROMOTION",
            configuration={"kind": "percent", "value": ExactNumber(10)},
            effective_from=datetime(1970, 1, 1, tzinfo=UTC),
        )
    ],
    draft_rates=[RateDraft(commission_type="PERCENTAGE", rate=ExactNumber(7))],
)
# Of a tier that nobody is in: what is found to be out of its reach is priced once.
ELSEWHERE = SupposedChange(
    draft_rules=[
        RuleDraft(
            name="Supposed",
            type="PROMOTION",
            configuration={"kind": "percent", "value": ExactNumber(10)},
            conditions=Conditions(customer_tiers=["nobody"]),
        )
    ],
)
_RATES = 1000
_ROUNDS = 5
_FIRST = UUID(int=0)


def main() -> None:
    """Measure."""
    options = argparse.ArgumentParser()
    options.add_argument("--quotes", type=int, default=10_000)
    options.add_argument("--lines", type=int, default=1)
    wanted = options.parse_args()
    gc.set_threshold(COLLECT_AFTER_OBJECTS, 10, 10)  # as the processes have it
    with running_stores() as stores, tempfile.TemporaryDirectory() as folder:
        installation = prepare(stores, _RATES, Path(folder))
        asyncio.run(_measure(installation.database_url, wanted.quotes, wanted.lines))


async def _measure(database_url: str, count: int, lines: int) -> None:
    database = await Database.open(database_url, statement_seconds=300)
    try:
        form, started_us = basket_format(), now_us()
        await write_past(database, (write_basket(form, number, lines) for number in range(1, count + 1)))
        past_range = PastRange(from_micros(started_us), from_micros(now_us()), SHARE_WHOLE)
        some = await read_past_quotes(database, past_range, (past_range.starts, _FIRST), min(count, 2000))
        books = await PastRulebooks.open(database, past_range.starts)
        assert some[0].rulebook_version is not None
        _steps(await books.at(some[0].rulebook_version), some)
        for name, change in (
            ("no change", SupposedChange()),
            ("a change to all", CHANGE),
            ("a change to none", ELSEWHERE),
        ):
            best = min([await _whole(database, started_us, change, count) for _ in range(_ROUNDS)])
            print(f"whole replay, {name}: {best * 1e6:7.1f} us a quote, {1 / best:9,.0f} quotes a second")
    finally:
        await database.close()


async def _whole(database: Database, from_us: int, change: SupposedChange, count: int) -> float:
    """CPU seconds a quote of a replay as a process runs it."""
    async with database.transaction() as connection:
        by = change_by_system("load", now_us())
        order = ReplayOrder(from_us=from_us, to_us=by.at_us, change=change)
        replay = await start_replay(Change.within(connection, by), order, at_once_max=1)
    began = time.process_time()
    await run_next_replay(database, decode_kept_basket, ReplayBounds(count))
    used = time.process_time() - began
    async with database.read() as connection:
        result = await read_result(connection, replay.id)
    assert result is not None
    assert f'"reproduced":{count}'.encode() in bytes(result), bytes(result)[:2000]
    return used / count


def _steps(book: Rulebook, some: list[PastQuote]) -> None:
    """What each step costs, and all of them together without the database."""
    requests = [past.request or b"" for past in some]
    baskets = [decode_kept_basket(request) for request in requests]
    quotes = [
        price_quote(QuoteBasis(book, basket, past.issued_at_us)) for basket, past in zip(baskets, some, strict=True)
    ]
    tally = CurrencyTally(2)
    supposed = suppose(book, PreparedChange(CHANGE))
    pricer = PriceAgain(decode_kept_basket, {}, Tally())
    changed = supposed.rulebook
    assert changed is not None

    def compare(index: int) -> None:
        past = some[index]
        assert is_issued_again(past.data, quotes[index], past.quote_id, past.issued_at_us, past.valid_until_us)

    steps: dict[str, Callable[[int], Any]] = {
        "decode the request": lambda index: decode_kept_basket(requests[index]),
        "price": lambda index: price_quote(QuoteBasis(book, baskets[index], some[index].issued_at_us)),
        "write and compare": compare,
        "count": lambda index: count_quote(tally, "", quotes[index], quotes[index]),
        "price with a change": lambda index: price_amounts(
            QuoteBasis(changed, baskets[index], some[index].issued_at_us)
        ),
        "all, with a change": lambda index: pricer.price(book, supposed, some[index]),
    }
    for name, run in steps.items():
        best = float("inf")
        for _ in range(_ROUNDS):
            began = time.process_time()
            for index in range(len(some)):
                run(index)
            best = min(best, time.process_time() - began)
        print(f"{name:<20}{best / len(some) * 1e6:8.1f} us")


if __name__ == "__main__":
    main()
