"""Change sets and their reviews as rows, and whose instant has come.

Source: docs/spec/change-sets.md.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from asyncpg import Record

from quote_service.platform.documents.exact_documents import convert_exact, parse_exact
from quote_service.platform.documents.literals import json_literal
from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.changes import Author
from quote_service.platform.system.errors import NotFound
from quote_service.pricing.commission.kept_scope import kept_rate, rate_of_kept
from quote_service.steering.change_sets.model.change_sets import ChangeSet, ChangeSetSummary, Failure, Review
from quote_service.steering.change_sets.model.contents import SECTIONS, Contents

STATEMENTS = Statements(__file__, "change_sets")


def _kept_contents(contents: Contents) -> str:
    return json_literal(_with_rates(parse_exact(json_literal(contents)), kept_rate))


def _with_rates(contents: dict[str, Any], form: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """The document of a set's changes with every commission rate in it in another form."""
    rates = [
        {**change, **{name: form(change[name]) for name in ("draft", "before") if change.get(name) is not None}}
        for change in contents.get("rates", ())
    ]
    return {**contents, "rates": rates}


@STATEMENTS.query(arguments={"contents": _kept_contents})
async def insert_change_set(
    connection: Connection, change: Author, set_id: UUID, name: str, note: str | None, contents: Contents
) -> None:
    """Write a new draft."""


async def read_change_set(connection: Connection, set_id: UUID, *, lock: bool = False) -> ChangeSet:
    """A change set with its changes and reviews; with `lock` kept from others until the transaction ends.

    Raises:
        NotFound: There is none.
    """
    if lock:
        await connection.execute(STATEMENTS["lock_change_set"], set_id)
    row = await connection.fetchrow(STATEMENTS["change_set"], set_id)
    if row is None:
        raise NotFound("There is no such change set")
    values = _summary(row, await _reviews(connection, [set_id]))
    contents = _read_contents(values.pop("content"))
    return ChangeSet(**values, **{name: getattr(contents, name) for name in SECTIONS})


@STATEMENTS.query(arguments={"contents": _kept_contents})
async def write_edition(
    connection: Connection, change: Author, set_id: UUID, name: str, note: str | None, contents: Contents
) -> None:
    """Write the next edition of a held draft."""


@STATEMENTS.query(arguments={"state.contents": _kept_contents, "state.failure": json_literal})
async def write_state(connection: Connection, change: Author, state: ChangeSet) -> None:
    """Write what has become of a held set: everything but its name, its note and its authors."""


@STATEMENTS.query()
async def next_due(connection: Connection, passed_over: Sequence[UUID]) -> UUID | None:
    """The set whose instant came first and that nobody has in hand; it is in hand until the transaction ends."""


@STATEMENTS.query()
async def seconds_to_next(connection: Connection) -> float | None:
    """How long until the next instant of a set; below 0 where one is due, None where none waits."""


@STATEMENTS.query()
async def write_review(connection: Connection, set_id: UUID, review: Review) -> None:
    """Write what somebody says of an edition, in the place of what they said of it before."""


async def _reviews(connection: Connection, set_ids: Sequence[UUID]) -> dict[UUID, list[Review]]:
    found: dict[UUID, list[Review]] = defaultdict(list)
    for row in await connection.fetch(STATEMENTS["reviews"], set_ids):
        values = dict(row)
        found[values.pop("change_set_id")].append(Review(**values))
    return found


def _read_contents(text: str) -> Contents:
    return convert_exact(_with_rates(parse_exact(text), rate_of_kept), Contents)


def _summary(row: Record, reviews: Mapping[UUID, list[Review]]) -> dict[str, Any]:
    values = dict(row)
    values["reviews"] = reviews.get(row["id"], [])
    failure = values["failure"]
    values["failure"] = None if failure is None else convert_exact(parse_exact(failure), Failure)
    values["authors"] = list(values["authors"])
    return values


def _listed(row: Any) -> ChangeSetSummary:
    return ChangeSetSummary(**_summary(row, {}))


async def with_reviews(connection: Connection, sets: list[ChangeSetSummary]) -> list[ChangeSetSummary]:
    """Change sets of a list, with what was said about them."""
    found = await _reviews(connection, [each.id for each in sets])
    return [msgspec.structs.replace(each, reviews=found.get(each.id, [])) for each in sets]


CHANGE_SET_ROWS = ListedRows(
    ChangeSetSummary,
    STATEMENTS["change_sets"],
    order="-id",
    sorts=("name", "status", "publish_at", "published_at", "created_at", "changed_at"),
    search=("name", "note"),
    make=_listed,
)
