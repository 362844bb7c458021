"""The rulebook as rows: everything that can still matter, or what changed since a version, from one snapshot.

Source: docs/spec/quotes.md#snapshot-and-clock.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec
from asyncpg import Record

from quote_service.platform.documents.exact_documents import convert_exact, parse_exact
from quote_service.platform.money.numbers import ExactNumber, NotANumber
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.postgres.timed_connection import read_chunks
from quote_service.platform.system.instants import FOREVER
from quote_service.platform.system.records import record_of
from quote_service.pricing.commission.rate import CommissionTier, Dimension
from quote_service.pricing.commission.stored_rate import StoredRate
from quote_service.pricing.conditions.conditions import Conditions
from quote_service.pricing.flags.flag import FlagDraft, Rollout
from quote_service.pricing.flags.stored_flag import StoredFlag
from quote_service.pricing.rulebook.rule import RuleDraft
from quote_service.pricing.rulebook.stored import BudgetSpend, CouponExhaustion, RulebookChanges, StoredRule
from quote_service.rulebook.snapshot.model.errors import ColumnsDiffer, RowUnreadable
from quote_service.rulebook.snapshot.tables.versioned_rows import VERSIONED_ROWS

CHUNK_ROWS = 2000
# A million distinct values gain nothing from being shared, and a table of them costs.
SHARED_VALUES_MAX = 200_000
NOTHING_HELD = 0  # no version is

STATEMENTS = Statements(__file__, "rulebook_rows", VERSIONED_ROWS)

Value = TypeVar("Value")
Stored = TypeVar("Stored")


@STATEMENTS.query()
async def read_version(connection: Connection) -> int:
    """The rulebook version that is committed now."""


async def read_changes(
    database: Database,
    held_version: int = NOTHING_HELD,
    *,
    all_flags: bool = False,
    each_rate: Callable[[StoredRate], Any] | None = None,
) -> RulebookChanges:
    """What a follower that holds `held_version` must apply to hold the version that is committed now.

    Args:
        database: Where the rulebook is.
        held_version: NOTHING_HELD reads everything, and so does one that the database does not know: it lost its last
            changes, because it was restored from a backup or failed over.
        all_flags: Read every flag again even though nothing else is.
        each_rate: What to make of each rate as it is read, so that a million of them are never held in two forms.

    Raises:
        Unavailable: The database cannot be reached.
        RowUnreadable: A row cannot be understood; a rulebook without it would price wrongly.
    """
    async with database.snapshot() as connection:
        return await read_changes_within(connection, held_version, all_flags=all_flags, each_rate=each_rate)


async def read_changes_within(
    connection: Connection,
    held_version: int = NOTHING_HELD,
    *,
    all_flags: bool = False,
    each_rate: Callable[[StoredRate], Any] | None = None,
) -> RulebookChanges:
    """As `read_changes`, over a connection whose transaction sees one state: a snapshot, or one that holds the rulebook."""
    row = await connection.fetchrow(STATEMENTS["version_and_whether_held_is_known"], held_version)
    assert row is not None  # the one row is never removed
    version, is_known = row
    is_complete = not is_known
    since = NOTHING_HELD if is_complete else held_version
    flags = await connection.fetch(STATEMENTS["flags"], NOTHING_HELD if all_flags else since, is_complete)
    return RulebookChanges(
        version=version,
        is_complete=is_complete,
        rates=await _read_rates(connection, since, each_rate),
        ended_rate_ids=[]
        if is_complete
        else [row[0] for row in await connection.fetch(STATEMENTS["ended_rates"], since)],
        rules=read_rules(await connection.fetch(STATEMENTS["rules"], since)),
        flags=[read_row("flag", row, read_flag) for row in flags],
        exhaustions=[CouponExhaustion(*row) for row in await connection.fetch(STATEMENTS["exhaustions"], since)],
        budget_spends=[BudgetSpend(*row) for row in await connection.fetch(STATEMENTS["budget_spends"], since)],
    )


async def _read_rates(connection: Connection, since: int, each_rate: Callable[[StoredRate], Any] | None) -> list[Any]:
    # Through a cursor: the driver's rows are let go chunk by chunk, and the event loop gets its turn.
    rates: list[Any] = []
    read = RateReader()
    async for rows in read_chunks(connection, STATEMENTS["rates"], since, rows=CHUNK_ROWS):
        stored = read.read_all(rows)
        rates.extend(stored if each_rate is None else map(each_rate, stored))
    return rates


def read_rules(rows: list[Record]) -> list[StoredRule]:
    """Rules out of their rows."""
    rules = []
    for row in rows:
        try:
            rules.append(read_row("rule", row, _rule))
        except RowUnreadable:
            # Switching it off is how a person gets a rule out of the way that this release cannot read.
            if row["is_active"]:
                raise
    return rules


class _Shared(dict[Any, Any]):
    """A value for each text, made once while there are few; None for None."""

    def __init__(self, make: Callable[[Any], object]) -> None:
        super().__init__({None: None})
        self._make = make

    def __missing__(self, stored: Any) -> object:
        value = self._make(stored)
        if len(self) < SHARED_VALUES_MAX:
            self[stored] = value
        return value


class RateReader:
    """Reads the rows of one query; equal values become one object.

    A row is taken apart by position, since a million are read; that the positions are right is checked once for many.
    """

    def __init__(self) -> None:
        self._same = _Shared(lambda stored: stored)
        self._numbers = _Shared(ExactNumber)
        self._tiers = _Shared(_tiers)
        self._splits = _Shared(_split)

    def read_all(self, rows: Sequence[Record]) -> Iterator[StoredRate]:
        """The rates out of rows of one query.

        Raises:
            ColumnsDiffer: The query does not answer with exactly the fields of a StoredRate, by name and in order.
            RowUnreadable: A row cannot be understood by this release.
        """
        if rows and (columns := tuple(rows[0].keys())) != StoredRate.__struct_fields__:
            raise ColumnsDiffer(f"a rate is {StoredRate.__struct_fields__}, and the query answers with {columns}")
        return (read_row("rate", row, self._read) for row in rows)

    def _read(self, row: Record) -> StoredRate:
        same, numbers = self._same, self._numbers
        (
            identifier,
            seller_id,
            category_id,
            logistics_provider,
            commission_type,
            rate,
            min_amount,
            max_amount,
            tiers,
            scope,
            split,
            currency,
            region,
            region_key,
            effective_from_us,
            effective_to_us,
            priority,
            changed_in,
        ) = row
        return StoredRate(
            identifier,
            same[seller_id],
            same[category_id],
            same[logistics_provider],
            same[commission_type],
            numbers[rate],
            numbers[min_amount],
            numbers[max_amount],
            self._tiers[tiers],
            same[scope],
            self._splits[split],
            same[currency],
            same[region],
            same[region_key],
            same[effective_from_us],
            FOREVER if effective_to_us is None else same[effective_to_us],
            priority,
            same[changed_in],
        )


def _tiers(text: str) -> tuple[CommissionTier, ...]:
    return convert_exact(parse_exact(text), tuple[CommissionTier, ...])


def _split(text: str) -> tuple[tuple[Dimension, ExactNumber], ...]:
    return tuple(convert_exact(parse_exact(text), dict[Dimension, ExactNumber]).items())


def _rule(row: Record) -> StoredRule:
    draft = record_of(
        RuleDraft,
        row,
        configuration=parse_exact(row["configuration"]),
        conditions=None if row["conditions"] is None else convert_exact(parse_exact(row["conditions"]), Conditions),
    )
    return record_of(StoredRule, row, draft=draft)


def read_flag(row: Record) -> StoredFlag:
    """A flag out of its row."""
    default_value = row["default_value"]
    # Archiving is how a person gets a flag out of the way that this release cannot read.
    rollout = None if row["is_archived"] else row["rollout"]
    draft = FlagDraft(
        key=row["key"],
        type=row["type"],
        value=parse_exact(row["value"]),
        name=row["name"],
        description=row["description"],
        is_enabled=row["is_enabled"],
        rollout=None if rollout is None else convert_exact(parse_exact(rollout), Rollout),
        default_value=msgspec.UNSET if default_value is None else parse_exact(default_value),
        expose_in_quote=row["expose_in_quote"],
        accept_group=row["accept_group"],
        salt=row["salt"],
        algorithm=row["algorithm"],
    )
    return record_of(StoredFlag, row, draft=draft)


def read_row(kind: str, row: Record, read: Callable[[Record], Stored]) -> Stored:
    """What a row holds.

    Raises:
        RowUnreadable: This release does not understand it.
    """
    try:
        return read(row)
    except (msgspec.ValidationError, NotANumber, ArithmeticError) as failure:
        raise RowUnreadable(f"{kind} {row[0]} is not understood: {failure}") from failure
