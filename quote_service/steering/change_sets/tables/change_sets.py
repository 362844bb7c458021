"""Change sets and their reviews as rows, and whose instant has come.

Source: docs/spec/change-sets.md.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from asyncpg import Record

from quote_service.platform.documents.exact_documents import convert_exact, parse_exact
from quote_service.platform.documents.literals import json_literal
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries
from quote_service.platform.system.changes import Change
from quote_service.platform.system.errors import NotFound
from quote_service.platform.system.instants import from_micros
from quote_service.pricing.commission.kept_scope import kept_rate, rate_of_kept
from quote_service.steering.change_sets.model.change_sets import ChangeSet, ChangeSetSummary, Failure, Review, Status
from quote_service.steering.change_sets.model.contents import SECTIONS, Contents

_QUERIES = load_queries(__file__, "change_sets")
_INSERT = _QUERIES["insert_change_set"]
_BY_ID = _QUERIES["change_set"]
_LOCK = _QUERIES["lock_change_set"]
_PAGE = _QUERIES["page_of_change_sets"]
_WRITE_EDITION = _QUERIES["write_edition"]
_WRITE_STATE = _QUERIES["write_state"]
_NEXT_DUE = _QUERIES["next_due"]
_SECONDS = _QUERIES["seconds_to_next"]
_WRITE_REVIEW = _QUERIES["write_review"]
_REVIEWS = _QUERIES["reviews"]


async def insert_change_set(
    connection: Connection, change: Change, set_id: UUID, name: str, note: str | None, contents: Contents
) -> None:
    """Write a new draft."""
    at = from_micros(change.at_us)
    await connection.execute(_INSERT, set_id, name, note, _kept_contents(contents), change.actor, at)


async def read_change_set(connection: Connection, set_id: UUID, *, lock: bool = False) -> ChangeSet:
    """A change set with its changes and reviews; with `lock` kept from others until the transaction ends.

    Raises:
        NotFound: There is none.
    """
    if lock:
        await connection.execute(_LOCK, set_id)
    row = await connection.fetchrow(_BY_ID, set_id)
    if row is None:
        raise NotFound("There is no such change set")
    values = _summary(row, await _reviews(connection, [set_id]))
    contents = _read_contents(values.pop("content"))
    return ChangeSet(**values, **{name: getattr(contents, name) for name in SECTIONS})


async def page_of_change_sets(
    connection: Connection, *, status: Status | None, before: UUID | None, limit: int
) -> list[ChangeSetSummary]:
    """Up to `limit` change sets, the newest first, from behind `before`."""
    rows = await connection.fetch(_PAGE, status, before, limit)
    reviews = await _reviews(connection, [row["id"] for row in rows])
    return [ChangeSetSummary(**_summary(row, reviews)) for row in rows]


async def write_edition(
    connection: Connection, change: Change, set_id: UUID, name: str, note: str | None, contents: Contents
) -> None:
    """Write the next edition of a held draft."""
    at = from_micros(change.at_us)
    await connection.execute(_WRITE_EDITION, set_id, name, note, _kept_contents(contents), change.actor, at)


async def write_state(connection: Connection, change: Change, state: ChangeSet) -> None:
    """Write what has become of a held set: everything but its name, its note and its authors."""
    await connection.execute(
        _WRITE_STATE,
        state.id,
        state.status,
        _kept_contents(state.contents),
        state.publish_at,
        state.published_by,
        state.published_at,
        None if state.failure is None else json_literal(state.failure),
        state.rolled_back_by,
        state.rolled_back_at,
        change.actor,
        from_micros(change.at_us),
    )


async def next_due(connection: Connection, passed_over: Sequence[UUID]) -> UUID | None:
    """The set whose instant came first and that nobody has in hand; it is in hand until the transaction ends."""
    due: UUID | None = await connection.fetchval(_NEXT_DUE, passed_over)
    return due


async def seconds_to_next(connection: Connection) -> float | None:
    """How long until the next instant of a set; below 0 where one is due, None where none waits."""
    seconds: float | None = await connection.fetchval(_SECONDS)
    return seconds


async def write_review(connection: Connection, set_id: UUID, review: Review) -> None:
    """Write what somebody says of an edition, in the place of what they said of it before."""
    await connection.execute(
        _WRITE_REVIEW, set_id, review.edition, review.reviewer, review.decision, review.note, review.reviewed_at
    )


async def _reviews(connection: Connection, set_ids: Sequence[UUID]) -> dict[UUID, list[Review]]:
    found: dict[UUID, list[Review]] = defaultdict(list)
    for row in await connection.fetch(_REVIEWS, set_ids):
        values = dict(row)
        found[values.pop("change_set_id")].append(Review(**values))
    return found


def _kept_contents(contents: Contents) -> str:
    return json_literal(_with_rates(parse_exact(json_literal(contents)), kept_rate))


def _read_contents(text: str) -> Contents:
    return convert_exact(_with_rates(parse_exact(text), rate_of_kept), Contents)


def _with_rates(contents: dict[str, Any], form: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """The document of a set's changes with every commission rate in it in another form."""
    rates = [
        {**change, **{name: form(change[name]) for name in ("draft", "before") if change.get(name) is not None}}
        for change in contents.get("rates", ())
    ]
    return {**contents, "rates": rates}


def _summary(row: Record, reviews: Mapping[UUID, list[Review]]) -> dict[str, Any]:
    values = dict(row)
    values["reviews"] = reviews.get(row["id"], [])
    failure = values["failure"]
    values["failure"] = None if failure is None else convert_exact(parse_exact(failure), Failure)
    values["authors"] = list(values["authors"])
    return values
