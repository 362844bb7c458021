"""Commission rates with all their versions.

Writers take the rulebook's lock first (`lock_rulebook`); what is checked under it holds until the commit.

Source: docs/spec/commission.md#managing-rates.
"""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from asyncpg import Record

from quote_service.platform.documents.exact_documents import convert_exact, parse_exact
from quote_service.platform.documents.literals import json_literal
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.long_transactions import allow_long_transaction
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.pricing.commission.kept_scope import kept_scope
from quote_service.pricing.commission.rate import CommissionTier, Dimension, OnRefund, RateDraft
from quote_service.pricing.regions import region_key
from quote_service.rulebook.commission_rates.model.rate_records import RateRecord, with_currency_digits

# Thousands of rows take longer than a statement otherwise may, and the driver must not give up before the server does.
IMPORT_STATEMENT_SECONDS = 30

STATEMENTS = Statements(__file__, "commission_rates")


class RateToWrite(NamedTuple):
    """A rate on its way in: `position` in the request, and the version that it replaces (0: it is new)."""

    position: int
    id: UUID
    version: int
    draft: RateDraft


def _record(row: Any) -> RateRecord:
    values = {name: value for name, value in row.items() if name not in ("changed_in", "region_key")}
    for name in ("rate", "min_amount", "max_amount"):
        if values[name] is not None:
            values[name] = ExactNumber(values[name])
    if values["tiers"] is not None:
        values["tiers"] = list(_tiers(values["tiers"]))
    if values["split"] is not None:
        values["split"] = dict(_split(values["split"]))
    record = RateRecord(**values)
    amounts = with_currency_digits(record)
    return msgspec.structs.replace(record, **amounts) if amounts else record


# Thousands of rates share a few tiers and splits.
@lru_cache(maxsize=1024)
def _tiers(text: str) -> tuple[CommissionTier, ...]:
    return convert_exact(parse_exact(text), tuple[CommissionTier, ...])


@lru_cache(maxsize=1024)
def _split(text: str) -> tuple[tuple[Dimension, ExactNumber], ...]:
    return tuple(convert_exact(parse_exact(text), dict[Dimension, ExactNumber]).items())


@STATEMENTS.query()
async def lock_rulebook(connection: Connection) -> None:
    """Keep every other change of the rulebook out until the transaction ends."""


async def allow_long_statements(connection: Connection) -> None:
    """Let the statements of this transaction run as long as an import may."""
    await allow_long_transaction(
        connection, statement_seconds=IMPORT_STATEMENT_SECONDS, transaction_seconds=10 * IMPORT_STATEMENT_SECONDS
    )


@STATEMENTS.query(missing="There is no such commission rate", row=_record)
async def read_rate(connection: Connection, rate_id: UUID) -> RateRecord:
    """The current version of a rate.

    Raises:
        NotFound: There is no such rate.
    """


async def read_rates(connection: Connection, rate_ids: Sequence[UUID]) -> dict[UUID, RateRecord]:
    """The current versions of those of the rates that there are."""
    return await asyncio.to_thread(_by_id, await connection.fetch(STATEMENTS["rates"], rate_ids))


async def insert_rates(
    connection: Connection, rates: Sequence[RateToWrite], author: str, at: datetime
) -> dict[UUID, RateRecord]:
    """Write new rates, all in one statement."""
    return await _write(connection, STATEMENTS["insert_rates"], rates, author, at)


async def update_rates(
    connection: Connection, rates: Sequence[RateToWrite], author: str, at: datetime
) -> dict[UUID, RateRecord]:
    """Replace rates, all in one statement; those that are no longer of the version given are left out of the answer."""
    return await _write(connection, STATEMENTS["update_rates"], rates, author, at)


async def find_overlaps(
    connection: Connection, rates: Sequence[RateToWrite], besides: Iterable[UUID]
) -> list[tuple[int, UUID]]:
    """The places of rates that clash with a stored one, and which that is (the first of several).

    Args:
        connection: In a transaction that holds the rulebook's lock.
        rates: What is to be written.
        besides: Stored rates that do not count, because they are about to be replaced.
    """
    incoming = await asyncio.to_thread(_json_of, rates)
    rows = await connection.fetch(STATEMENTS["overlaps"], incoming, list(besides), timeout=IMPORT_STATEMENT_SECONDS)
    return [(row[0], row[1]) for row in rows]


@STATEMENTS.query(row=_record)
async def page_of_versions(
    connection: Connection, rate_id: UUID, *, below_version: int | None, limit: int
) -> list[RateRecord]:
    """Up to `limit` versions of a rate, newest first; none if there is no such rate."""


@STATEMENTS.query()
async def read_rulebook_version(connection: Connection) -> int:
    """The rulebook version that is committed."""


@STATEMENTS.query()
async def read_refund_rules(connection: Connection, rate_ids: Collection[UUID]) -> dict[UUID, OnRefund]:
    """What these rates say of refunds, by id."""


async def page_as_of(
    connection: Connection, version: int, *, after: UUID, limit: int
) -> tuple[list[RateRecord], UUID | None]:
    """The next `limit` rates by id from behind `after`, as they were in a rulebook version.

    Returns:
        Those of them that there were, and where the next page starts; None behind the last.
    """
    rows = await connection.fetch(STATEMENTS["page_by_id"], after, limit)
    rates = {row[0]: _record(row) for row in rows if row["changed_in"] <= version}
    changed_since = [row[0] for row in rows if row["changed_in"] > version]
    if changed_since:
        rates |= _by_id(await connection.fetch(STATEMENTS["versions_as_of"], changed_since, version))
    return [rates[row[0]] for row in rows if row[0] in rates], rows[-1][0] if len(rows) == limit else None


async def _write(
    connection: Connection, query: str, rates: Sequence[RateToWrite], author: str, at: datetime
) -> dict[UUID, RateRecord]:
    if not rates:
        return {}
    # On threads: what thousands of rows take would keep quotes waiting.
    incoming = await asyncio.to_thread(_json_of, rates)
    rows = await connection.fetch(query, incoming, author, at, timeout=IMPORT_STATEMENT_SECONDS)
    return await asyncio.to_thread(_by_id, rows)


def _json_of(rates: Sequence[RateToWrite]) -> str:
    return json_literal(
        [
            {
                **msgspec.structs.asdict(rate.draft),
                **kept_scope(rate.draft.commission_type, rate.draft.scope)._asdict(),
                "region_key": region_key(rate.draft.region),
                "position": rate.position,
                "id": rate.id,
                "version": rate.version,
            }
            for rate in rates
        ]
    )


def _by_id(rows: Iterable[Record]) -> dict[UUID, RateRecord]:
    return {row[0]: _record(row) for row in rows}


# Thousands of rates share a few tiers and splits.


RATE_ROWS = ListedRows(
    RateRecord,
    STATEMENTS["every_rate"],
    sorts=("priority", "currency", "effective_from", "effective_to", "created_at", "changed_at"),
    search=("logistics_provider", "region"),
    conditions={
        "active_at": "(listed.is_active AND listed.effective_from <= {0} "
        "AND (listed.effective_to IS NULL OR listed.effective_to > {0}))"
    },
    make=_record,
)
