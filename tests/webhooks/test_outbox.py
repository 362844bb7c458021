"""Events are written with their effect, for those who asked; source: docs/spec/webhooks.md#events."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.outbox import publish, publish_many
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.event_types import EVENT_MEANINGS, EVENT_TYPES, EVENTS_OF_ACTIONS


@pytest.fixture(autouse=True)
async def no_others(database: Database) -> None:
    """Endpoints of other tests of this module want nothing any more."""
    async with database.transaction() as connection:
        await connection.execute("DELETE FROM webhook_endpoints")


async def endpoint(database: Database, *patterns: str, is_enabled: bool = True) -> UUID:
    identifier = uuid4()
    async with database.transaction() as connection:
        await connection.execute(
            """INSERT INTO webhook_endpoints (
                id, url, event_types, secret, secret_key_id, created_at, updated_at, is_enabled, disabled_reason, disabled_at
            ) VALUES ($1, 'https://shop.example/', $2, '', 'dev', now(), now(), $3,
                CASE WHEN $3 THEN NULL ELSE 'by_hand' END, CASE WHEN $3 THEN NULL ELSE now() END)""",
            identifier,
            list(patterns),
            is_enabled,
        )
    return identifier


async def sent_to(database: Database, endpoint_id: UUID) -> list[tuple[str, str, str]]:
    async with database.read() as connection:
        rows: list[Any] = await connection.fetch(
            """SELECT type, subject, data::text AS data FROM webhook_deliveries
            JOIN webhook_events ON id = event_id WHERE endpoint_id = $1 ORDER BY id""",
            endpoint_id,
        )
    return [tuple(row) for row in rows]


async def test_each_endpoint_gets_what_it_asked_for(database: Database) -> None:
    exact, subject, everything, other, disabled = (
        await endpoint(database, "rate.created"),
        await endpoint(database, "flag.*", "rate.*"),
        await endpoint(database, "*"),
        await endpoint(database, "rule.*", "rate.ended"),
        await endpoint(database, "*", is_enabled=False),
    )
    async with database.transaction() as connection:
        await publish(connection, "rate.created", "r1", b'{"rate":10.00}')
    expected = [("rate.created", "r1", '{"rate":10.00}')]
    assert [await sent_to(database, each) for each in (exact, subject, everything)] == [expected] * 3
    assert await sent_to(database, other) == []
    assert await sent_to(database, disabled) == []


async def test_an_effect_that_does_not_happen_is_not_reported(database: Database) -> None:
    everything = await endpoint(database, "*")
    async with database.read() as connection:
        begun = connection.transaction()
        await begun.start()
        await publish(connection, "rate.created", "r2", b"{}")
        await begun.rollback()
    assert await sent_to(database, everything) == []


async def test_what_nobody_wants_is_not_written(database: Database) -> None:
    await endpoint(database, "flag.*")
    async with database.transaction() as connection:
        await publish(connection, "rate.created", "unwanted", b"{}")
        await publish_many(connection, "rate.created", [("unwanted", "{}", None)])
        assert await connection.fetchval("SELECT count(*) FROM webhook_events WHERE subject = 'unwanted'") == 0


class One(msgspec.Struct):
    id: int


async def test_audit_rows_show_what_they_name(database: Database) -> None:
    everything = await endpoint(database, "*")
    async with database.transaction() as connection:
        change = Change.within(connection, change_by_system("test", now_us()))
        await change.record("rate.create", after={}, object_id="a")
        await change.record("rate.odd", after={}, object_id="b")
        await change.record_many([(action, None, One(n)) for n in range(600) for action in ("rate.create", "rate.odd")])
    reported = await sent_to(database, everything)
    assert reported[0] == ("rate.created", "a", "{}")
    assert sorted(reported[1:]) == sorted(("rate.created", str(n), f'{{"id":{n}}}') for n in range(600))


def test_each_type_has_a_meaning_and_each_action_a_type() -> None:
    assert tuple(EVENT_MEANINGS) == EVENT_TYPES
    assert set(EVENTS_OF_ACTIONS.values()) <= set(EVENT_TYPES)


def test_the_specification_lists_every_type() -> None:
    page = (Path(__file__).parents[2] / "docs/spec/webhooks.md").read_text("utf-8")
    listed = set(re.findall(r"`([a-z_]+\.[a-z_]+)`", page.split("## Deliveries")[0]))
    assert set(EVENT_TYPES) <= listed
