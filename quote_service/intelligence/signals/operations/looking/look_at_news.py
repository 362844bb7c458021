"""Look at what is new, in the transaction that takes it out of what waits: each thing once.

Source: docs/spec/signals.md#looking.
"""

from collections.abc import Sequence
from uuid import UUID

import structlog

from quote_service.intelligence.competitors.operations.compare_prices import observations_by_id
from quote_service.intelligence.signals.model.detection.levels import LevelState, look_at_stock
from quote_service.intelligence.signals.model.signals import Evidence
from quote_service.intelligence.signals.operations.looking.prices import NewPrice, Prices
from quote_service.intelligence.signals.operations.looking.record_found import Finding, record_found
from quote_service.intelligence.signals.operations.looking.rules import Rules
from quote_service.intelligence.signals.tables.notes import (
    Note,
    Stock,
    begin_looking,
    price_moves,
    read_states,
    stock_of,
    take_notes,
    write_states,
)
from quote_service.intelligence.signals.tables.raised import Matter
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import QuoteServiceError, Unavailable
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.traces import traced_work

NOTES_AT_ONCE = 500

_log = structlog.get_logger(__name__)


@traced_work("look for signals")
async def look_at_news(database: Database) -> int:
    """Look at the oldest notes; how many there were, NOTES_AT_ONCE if there may be more. 0 where another process looks.

    What cannot be written is looked at note by note, and the one that nobody could write is left out, and logged: it would
    keep everything behind it waiting.

    Raises:
        Unavailable: PostgreSQL gave no answer; what was not looked at waits.
    """
    try:
        return await _look(database, NOTES_AT_ONCE)
    except Unavailable:
        raise
    except QuoteServiceError:
        return await _look_one_by_one(database)


async def _look(database: Database, limit: int) -> int:
    async with database.transaction() as connection:
        if not await begin_looking(connection):
            return 0
        notes = await take_notes(connection, limit)
        if notes:
            await _take_in(connection, notes, now_us())
    return len(notes)


async def _look_one_by_one(database: Database) -> int:
    for _ in range(NOTES_AT_ONCE):
        try:
            if not await _look(database, 1):
                break
        except Unavailable:
            raise
        except QuoteServiceError as failure:
            async with database.transaction() as connection:
                if not await begin_looking(connection):
                    break
                lost = await take_notes(connection, 1)
            _log.error("signal_note_left_out", reason=failure.detail, notes=[note[1:] for note in lost])
    return NOTES_AT_ONCE


async def _take_in(connection: Connection, notes: Sequence[Note], at_us: int) -> None:
    reported = {
        UUID(note.object_id): note.source == "vouched" for note in notes if note.source in ("observation", "vouched")
    }
    seen = [
        NewPrice(past, reported[past.observation_id]) for past in await observations_by_id(connection, list(reported))
    ]
    moves = await price_moves(connection, [int(note.object_id) for note in notes if note.source == "price"])
    stock = await stock_of(connection, list({note.item_id for note in notes if note.source == "stock"}))
    products = {each.past.product_id for each in seen}
    products |= {each.product_id for each in moves} | {each.product_id for each in stock}
    if not products:
        return
    rules = await Rules.read(connection, products)
    prices = Prices(connection, rules, at_us)
    if seen or moves:
        await prices.look(seen, moves)
    findings = prices.findings + await _look_at_stock(connection, rules, stock, at_us)
    await record_found(connection, findings, at_us)


async def _look_at_stock(connection: Connection, rules: Rules, stock: Sequence[Stock], at_us: int) -> list[Finding]:
    findings: list[Finding] = []
    known = await read_states(connection, "stock", [str(each.item_id) for each in stock], LevelState)
    after: dict[str, LevelState | None] = {}
    for each in stock:
        subject, rule = str(each.item_id), rules.of("low_inventory", each.product_id)
        state, found = look_at_stock(known.get(subject, LevelState()), each.available, at_us, rule)
        # Only what is low is kept: the trigger notes every change of it.
        after[subject] = None if state.until_us is None else state
        if found is None:
            continue
        matter = Matter(subject=f"stock:{subject}", product_id=each.product_id, variant_id=each.variant_id)
        now = Evidence(
            role="now",
            subject="stock",
            id=subject,
            at=from_micros(at_us),
            value=ExactNumber(each.available),
        )
        findings.append(Finding(found, matter, rule, [now]))
    await write_states(connection, "stock", after, from_micros(at_us))
    return findings
