"""The audit log: complete, searchable, and never rewritten.

Source: docs/spec/access.md#audit-log.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import Author, change_by_system
from tests.access.running import RunningService

AUDIT = "/api/v1/audit"
SECOND_US = 1_000_000
START_US = 1_700_000_000 * SECOND_US


def record(service: RunningService, **fields: Any) -> str:
    """One row a second from START on; its object's id."""
    object_id: str = fields.pop("object_id", str(uuid4()))

    async def work(database: Database) -> None:
        change = Author(
            actor=fields.pop("actor", "somebody"),
            actor_kind="user",
            request_id="r-1",
            at_us=START_US + fields.pop("second", 0) * SECOND_US,
            change_set_id=fields.pop("change_set_id", None),
        )
        wanted = {"action": "rate.create", "after": {}, **fields}
        async with database.transaction() as connection:
            await Change.within(connection, change).record(object_id=object_id, **wanted)

    service.in_database(work)
    return object_id


def find(service: RunningService, **query: Any) -> list[dict[str, Any]]:
    answer = service.http.get(AUDIT, params=query, headers=service.as_role())
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET actor = 'somebody else'",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
        "TRUNCATE audit_log CASCADE",
        "INSERT INTO audit_log (id, at, actor, actor_kind, action, object_kind, object_id, request_id)"
        " OVERRIDING SYSTEM VALUE SELECT id, at, 'x', actor_kind, action, object_kind, object_id, request_id"
        " FROM audit_log ON CONFLICT (id) DO UPDATE SET actor = 'somebody else'",
    ],
)
def test_no_row_is_rewritten_or_removed(service: RunningService, statement: str) -> None:
    object_id = record(service)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only be added to"):
        service.rows(statement)
    (row,) = find(service, object_id=object_id)
    assert row["actor"] == "somebody"


class Thing(msgspec.Struct, frozen=True):
    """Something that is changed."""

    id: UUID
    price: Decimal


def test_one_object_and_many_are_recorded_in_one_form(service: RunningService) -> None:
    before, after = Thing(uuid4(), Decimal("0.10")), Thing(uuid4(), Decimal("12.5"))

    async def work(database: Database) -> None:
        async with database.transaction() as connection:
            change = Change.within(connection, change_by_system("test", START_US))
            await change.record("thing.replace", before, after)
            await change.record_many([("thing.replace", before, after)])
            await change.record("session.start", kind="user", object_id=after.id)

    service.in_database(work)
    signed_in, *rows = find(service, object_id=str(after.id))
    assert (signed_in["object_kind"], signed_in["before"], signed_in["after"]) == ("user", None, None)
    for row in rows:
        assert (row["actor"], row["object_kind"]) == ("test", "thing")
        assert row["before"] == {"id": str(before.id), "price": 0.1}
        assert row["after"] == {"id": str(after.id), "price": 12.5}
    assert len(rows) == 2


def test_what_was_recorded_in_another_form_reads_as_it_was(service: RunningService) -> None:
    object_id = record(service, after=msgspec.Raw(b'{"price": "0.10"}'))
    (row,) = find(service, object_id=object_id)
    assert row["after"] == {"price": "0.10"}


def test_a_change_set_is_named_by_what_it_changed(service: RunningService) -> None:
    change_set_id = uuid4()
    by_itself, by_the_set = record(service), [record(service, change_set_id=change_set_id) for _ in range(2)]
    (row,) = find(service, object_id=by_itself)
    assert row["change_set_id"] is None
    found = find(service, change_set_id=str(change_set_id))
    assert [row["object_id"] for row in found] == by_the_set[::-1]
    assert {row["change_set_id"] for row in found} == {str(change_set_id)}


def test_a_change_that_is_rolled_back_leaves_no_row(service: RunningService) -> None:
    email = f"{uuid4().hex}@example.com"
    body = {"email": email, "password": "correct horse battery", "role": "user"}
    assert service.http.post("/api/v1/users", json=body, headers=service.as_role()).status_code == 201
    before = len(find(service, action="user.create", limit=200))
    assert service.http.post("/api/v1/users", json=body, headers=service.as_role()).status_code == 409
    assert len(find(service, action="user.create", limit=200)) == before


def test_rows_are_found_by_each_filter(service: RunningService) -> None:
    actor, kind = str(uuid4()), f"kind {uuid4().hex}"
    ids = [record(service, actor=actor, kind=kind, action=f"rate.{number}", second=number) for number in range(4)]
    newest_first = ids[::-1]
    assert [row["object_id"] for row in find(service, actor=actor)] == newest_first
    assert [row["object_id"] for row in find(service, object_kind=kind)] == newest_first
    assert [row["object_id"] for row in find(service, object_id=ids[1])] == [ids[1]]
    assert [row["object_id"] for row in find(service, actor=actor, action="rate.2")] == [ids[2]]
    spanned = find(service, actor=actor, **{"from": "2023-11-14T22:13:21Z", "to": "2023-11-14T23:13:23+01:00"})
    assert [row["object_id"] for row in spanned] == [ids[2], ids[1]]
    assert find(service, actor=actor, object_id=str(uuid4())) == []


def test_pages_hold_each_row_once(service: RunningService) -> None:
    actor = str(uuid4())
    ids = [record(service, actor=actor) for _ in range(5)]
    found: list[str] = []
    query: dict[str, Any] = {"actor": actor, "limit": 2}
    while True:
        page = service.http.get(AUDIT, params=query, headers=service.as_role()).json()
        found += [row["object_id"] for row in page["data"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert found == ids[::-1]


def test_before_and_after_keep_numbers_as_they_were_written(service: RunningService) -> None:
    object_id = record(
        service, before=msgspec.Raw(b'{"rate":10.0}'), after=msgspec.Raw(b'{"rate":0.10000000000000000001}')
    )
    answer = service.http.get(AUDIT, params={"object_id": object_id}, headers=service.as_role())
    assert '"before":{"rate":10.0}' in answer.text
    assert '"after":{"rate":0.10000000000000000001}' in answer.text


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "/query/limit"),
        ("limit=201", "/query/limit"),
        ("cursor=abc", "/query/cursor"),
        ("from=yesterday", "/query/from"),
        ("from=2026-01-01T00:00:00", "/query/from"),
        ("object=x", "/query/object"),
        ("actor=a&actor=b", "/query/actor"),
        ("actor=%00", "/query/actor"),
        ("actor=%ff", "/query"),
        ("from=9999-12-31T23:59:59-14:00", "/query/from"),
        ("from=0001-01-01T00:00:00%2B14:00", "/query/from"),
    ],
)
def test_what_cannot_be_looked_for_is_named(service: RunningService, query: str, pointer: str) -> None:
    answer = service.http.get(f"{AUDIT}?{query}", headers=service.as_role())
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_sql_in_a_filter_finds_nothing(service: RunningService) -> None:
    record(service)
    for hostile in ("' OR '1'='1", "x'; DELETE FROM audit_log; --", "%", "\\"):
        for name in ("actor", "action", "object_kind", "object_id"):
            assert find(service, **{name: hostile}) == []
