"""An admin writes thousands of commission rates at once: all of them or none.

Everything that can be worked out beforehand is, so that the rulebook's lock, which keeps every other change out, is
held only while rows are written.

Source: docs/spec/commission.md#managing-rates.
"""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from quote_service.platform.postgres.change import Change
from quote_service.platform.system.changes import Author
from quote_service.platform.system.errors import Fault, Invalid, RateOverlaps, VersionConflict
from quote_service.platform.system.instants import FOREVER, to_micros
from quote_service.platform.system.new_ids import new_id
from quote_service.pricing.commission.rate import RateDraft
from quote_service.rulebook.commission_rates.model.rate_records import (
    ImportedRates,
    RateRecord,
    RateRow,
    content_of,
    period_faults,
    scope_of,
    started,
)
from quote_service.rulebook.commission_rates.tables.commission_rates import (
    RateToWrite,
    allow_long_statements,
    find_overlaps,
    insert_rates,
    lock_rulebook,
    read_rates,
    update_rates,
)


class _Plan(NamedTuple):
    """What is to be written; `rates` are those of all rows, also of those that stay as they are."""

    rates: list[RateToWrite]
    created: list[RateToWrite]
    changed: list[RateToWrite]


def ids_for(rows: Sequence[RateRow], change: Author) -> list[UUID]:
    """The id of each row: its own, or a new one."""
    return [row.id or UUID(new_id(change.at_us // 1000)) for row in rows]


async def import_rates(change: Change, rows: Sequence[RateRow], ids: Sequence[UUID]) -> ImportedRates:
    """Make a rate of each row without an id, and replace the rate of each row with one.

    A row that means what its rate means already changes nothing. Without a start, a new rate counts from the instant
    of the change, and a replaced one from where it did.

    Args:
        change: Its author.
        rows: Without faults of their own (`rate_faults`).
        ids: Of each row (`ids_for`).

    Raises:
        Invalid: With every row whose id is unknown or stands twice, or that would end before it starts.
        RateOverlaps: With every row that clashes with another, or with a stored rate.
        VersionConflict: Somebody changed one of the rates in between.
    """
    await allow_long_statements(change.connection)
    held = await read_rates(change.connection, [row.id for row in rows if row.id is not None])
    plan = await asyncio.to_thread(_plan, rows, ids, held, change)
    if plan.created or plan.changed:
        await _write(change, plan, held)
    return ImportedRates(
        created=len(plan.created),
        changed=len(plan.changed),
        unchanged=len(rows) - len(plan.created) - len(plan.changed),
        ids=[rate.id for rate in plan.rates],
    )


def _plan(rows: Sequence[RateRow], ids: Sequence[UUID], held: dict[UUID, RateRecord], change: Author) -> _Plan:
    faults: list[Fault] = []
    plan = _Plan([], [], [])
    index_of: dict[UUID, int] = {}
    for index, (row, rate_id) in enumerate(zip(rows, ids, strict=True)):
        known = held.get(row.id) if row.id is not None else None
        if row.id is not None:
            first = index_of.setdefault(row.id, index)
            if first != index:
                faults.append(Fault(f"/{index}/id", f"is also in row /{first}"))
            elif known is None:
                faults.append(Fault(f"/{index}/id", "there is no such commission rate; leave it out to create one"))
        start = known.effective_from if known else None
        draft = started(content_of(row), start or change.at)
        faults += [Fault(f"/{index}{fault.pointer}", fault.detail) for fault in period_faults(draft)]
        rate = RateToWrite(index, rate_id, known.version if known else 0, draft)
        plan.rates.append(rate)
        if known is None:
            plan.created.append(rate)
        elif draft != content_of(known):
            plan.changed.append(rate)
    if faults:
        raise Invalid.because(tuple(faults))
    if clashes := _clashes(plan.rates):
        raise _overlaps(clashes)
    return plan


def _clashes(rates: Sequence[RateToWrite]) -> list[Fault]:
    """Rows that clash with a row before them that has the same scope."""
    by_scope: dict[tuple[object, ...], list[tuple[int, int, int]]] = {}
    for rate in rates:
        if rate.draft.is_active:
            by_scope.setdefault(scope_of(rate.draft), []).append((*_period_us(rate.draft), rate.position))
    clashing: dict[int, int] = {}
    for periods in by_scope.values():
        periods.sort()
        until_us, holder = periods[0][1], periods[0][2]
        for from_us, to_us, index in periods[1:]:
            if from_us < until_us:
                clashing.setdefault(max(index, holder), min(index, holder))
            if to_us > until_us:
                until_us, holder = to_us, index
    return [
        Fault(f"/{index}", f"has the same dimensions, region, currency and priority as row /{other} and overlaps it")
        for index, other in sorted(clashing.items())
    ]


def _period_us(draft: RateDraft) -> tuple[int, int]:
    assert draft.effective_from is not None
    return to_micros(draft.effective_from), FOREVER if draft.effective_to is None else to_micros(draft.effective_to)


def _overlaps(faults: list[Fault]) -> RateOverlaps:
    count = len(faults)
    detail = f"{count} row{' overlaps another rate' if count == 1 else 's overlap other rates'} of the same scope"
    return RateOverlaps(detail, faults=tuple(faults))


async def _write(change: Change, plan: _Plan, held: dict[UUID, RateRecord]) -> None:
    at = change.at
    to_write = sorted((*plan.created, *plan.changed), key=lambda rate: rate.position)
    await lock_rulebook(change.connection)
    overlaps = await find_overlaps(change.connection, to_write, held)
    if overlaps:
        raise _overlaps([Fault(f"/{index}", f"overlaps the rate {other}") for index, other in overlaps])
    # Replaced rates first: they may make room for new ones.
    changed = await update_rates(change.connection, plan.changed, change.actor, at)
    if len(changed) != len(plan.changed):
        raise VersionConflict("One of these rates was changed at the same time; send the rows again")
    created = await insert_rates(change.connection, plan.created, change.actor, at)
    records = {**changed, **created}
    await change.record_many(
        [
            ("rate.replace" if rate.id in held else "rate.create", held.get(rate.id), records[rate.id])
            for rate in to_write
        ]
    )
