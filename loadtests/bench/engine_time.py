"""What the steps of one quote cost in process: no server, no cache, no Redis."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

from loadtests.bench.baskets import basket_format, write_basket
from loadtests.bench.rows import EngineTime
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.identifiers import uuid7
from quote_service.pricing.fingerprint import fingerprint_bits
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.quotes.answer.write_quote import write_quote
from quote_service.quotes.operations.sign_quote import QuoteSigner
from quote_service.quotes.reading.decode_basket import decode_basket
from quote_service.rulebook.snapshot.operations.refresh_rulebook import refresh_rulebook
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder

_ROUNDS = 5
_LINES_IN_ALL = 5000
_TTL_US = 900_000_000
_SECRET = bytes(range(32))


def engine_times(database_url: str, line_counts: Sequence[int]) -> list[EngineTime]:
    """Decode, fingerprint, price, encode and sign ever other baskets of so many lines, by the database's rulebook."""
    rulebook = asyncio.run(read_rulebook(database_url))
    return [each for lines in line_counts for each in _times(rulebook, lines)]


async def read_rulebook(database_url: str) -> Rulebook:
    """The whole rulebook, as a worker reads it when it starts."""
    database = await Database.open(database_url)
    holder = RulebookHolder()
    try:
        await refresh_rulebook(database, holder)
    finally:
        await database.close()
    assert holder.rulebook is not None  # applied just now
    return holder.rulebook


def _times(rulebook: Rulebook, lines: int) -> list[EngineTime]:
    form, at_us = basket_format(), now_us()
    count = max(_LINES_IN_ALL // lines, 50)
    bodies = [write_basket(form, number, lines) for number in range(1, count + 1)]
    baskets = [decode_basket(body) for body in bodies]
    bits = [fingerprint_bits(QuoteBasis(rulebook, basket, at_us), _SECRET) for basket in baskets]
    quote_ids = [uuid7(at_us // 1000, each) for each in bits]
    quotes = [price_quote(QuoteBasis(rulebook, basket, at_us)) for basket in baskets]
    texts = [
        write_quote(quote, quote_id, at_us, at_us + _TTL_US) for quote, quote_id in zip(quotes, quote_ids, strict=True)
    ]
    signed = [f"{text.head}{text.flags}{text.middle}{text.tail}".encode() for text in texts]
    sign = QuoteSigner([("bench", _SECRET)]).sign
    steps: dict[str, Callable[[int], Any]] = {
        "decode": lambda index: decode_basket(bodies[index]),
        "fingerprint": lambda index: fingerprint_bits(QuoteBasis(rulebook, baskets[index], at_us), _SECRET),
        "price": lambda index: price_quote(QuoteBasis(rulebook, baskets[index], at_us)),
        "encode": lambda index: write_quote(quotes[index], quote_ids[index], at_us, at_us + _TTL_US),
        "sign": lambda index: sign(signed[index]),
    }
    return [EngineTime(lines=lines, step=step, cpu_us=_best_us(run, count)) for step, run in steps.items()]


def _best_us(run: Callable[[int], Any], count: int) -> float:
    """The best of some rounds: everything else on the machine only ever adds to it."""
    best = float("inf")
    for _ in range(_ROUNDS):
        started = time.process_time()
        for index in range(count):
            run(index)
        best = min(best, time.process_time() - started)
    return best / count * 1e6
