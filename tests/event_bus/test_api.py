"""Admins see how the bus fares, and decide on dead letters; source: docs/spec/event-bus.md#dead-letters."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx

from tests.catalog.shop import a_product
from tests.fixtures.service import PATIENCE_SECONDS, Service

BUS = "/api/v1/event-bus"


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def rows_of(service: Service, statement: str, *values: Any) -> list[Any]:
    """What a statement of another program answers."""

    async def run() -> list[Any]:
        connection = await asyncpg.connect(service.database_url)
        try:
            return list(await connection.fetch(statement, *values))
        finally:
            await connection.close()

    return asyncio.run(run())


def reported(service: Service, key: str, data: str) -> str:
    """An event that is none of what its topic should have, as a program of somebody else's might tell it."""
    statement = "INSERT INTO event_outbox (topic, key, type, data) VALUES ('user-behavior', $1, 'behaviour.counted', $2) RETURNING id"
    return str(rows_of(service, statement, key, data)[0]["id"])


def letter_of(admin: httpx.Client, event_id: str) -> dict[str, Any] | None:
    rows = admin.get(f"{BUS}/dead-letters", params={"consumer_group": "behaviour", "limit": 200}).json()["data"]
    return next((row for row in rows if row["event_id"] == event_id), None)


def test_a_bad_event_can_be_seen_tried_again_and_discarded(service: Service, admin: httpx.Client) -> None:
    event_id = reported(service, "nobody", '{"product_id": "nobody"}')
    until(lambda: letter_of(admin, event_id) is not None, "put aside")
    letter = letter_of(admin, event_id)
    assert letter is not None
    assert (letter["topic"], letter["key"], letter["data"]) == ("user-behavior", "nobody", {"product_id": "nobody"})
    assert letter["state"] == "retrying"
    assert letter["last_error"].startswith("ValidationError")
    path = f"{BUS}/dead-letters/{letter['id']}"
    again = admin.post(f"{path}/retry")
    assert again.status_code == 200, again.text
    assert again.json()["data"]["next_attempt_at"] is not None
    until(lambda: bool(admin.get(path).json()["data"]["attempts"] >= 2), "tried again")
    counts = {each["consumer_group"]: each for each in admin.get(BUS).json()["data"]["dead_letters"]}
    assert counts["behaviour"]["retrying"] + counts["behaviour"]["dead"] >= 1
    assert admin.delete(path).status_code == 204
    assert admin.get(path).status_code == 404
    assert admin.delete(path).status_code == 404
    log = admin.get("/api/v1/audit", params={"object_kind": "event_dead_letter", "object_id": letter["id"]}).json()
    assert [row["action"] for row in log["data"]] == ["event.discard", "event.retry"]


def test_dead_letters_of_a_group_are_tried_again_together(service: Service, admin: httpx.Client) -> None:
    dead = [str(uuid4()) for _ in range(2)]
    # Of another group, so that nobody handles them; and one that holds no event.
    for letter in dead:
        rows_of(
            service,
            "INSERT INTO event_dead_letters (id, consumer_group, topic, event_id, key, type, at, data, state, last_error) "
            "VALUES ($1, 'of a test', 'decisions', $1, 'k', 'decision.made', now(), '{}', 'dead', 'failed')",
            letter,
        )
    no_event = str(uuid4())
    rows_of(
        service,
        "INSERT INTO event_dead_letters (id, consumer_group, topic, event_id, raw, state, last_error) "
        "VALUES ($1, 'of a test', 'decisions', $1, 'junk', 'dead', 'no event')",
        no_event,
    )
    answer = admin.post(f"{BUS}/dead-letters/retry", json={"consumer_group": "of a test"})
    assert answer.json()["data"] == {"retried": 2, "has_more": False}
    assert {admin.get(f"{BUS}/dead-letters/{letter}").json()["data"]["state"] for letter in dead} == {"retrying"}
    refused = admin.post(f"{BUS}/dead-letters/{no_event}/retry")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/event-unreadable")
    shown = admin.get(f"{BUS}/dead-letters/{no_event}").json()["data"]
    assert (shown["data"], shown["raw"], shown["state"]) == (None, "junk", "dead")
    for letter in (*dead, no_event):
        assert admin.delete(f"{BUS}/dead-letters/{letter}").status_code == 204


def test_the_lag_of_each_group_is_measured(admin: httpx.Client) -> None:
    def measured() -> list[dict[str, Any]]:
        groups = admin.get(BUS).json()["data"]["groups"]
        return [each for each in groups if each["consumer_group"] == "behaviour"]

    until(lambda: len(measured()) == 4, "a background process measures")
    assert sorted(each["partition"] for each in measured()) == [0, 1, 2, 3]
    assert all(each["topic"] == "user-behavior" and each["waiting"] >= 0 for each in measured())


def test_a_replay_reaches_as_far_back_as_events_are_handled(admin: httpx.Client) -> None:
    def ask(group: str, ago: timedelta) -> httpx.Response:
        since = (datetime.now(UTC) - ago).isoformat()
        return admin.post(f"{BUS}/replays", json={"consumer_group": group, "from": since})

    asked = ask("behaviour", timedelta(days=1))
    assert asked.status_code == 202, asked.text
    assert asked.json()["data"]["topic"] == "user-behavior"
    for answer, pointer in (
        (ask("nobody", timedelta(days=1)), "/consumer_group"),
        (ask("behaviour", timedelta(days=8)), "/from"),
        (ask("behaviour", -timedelta(hours=1)), "/from"),
    ):
        assert answer.status_code == 422
        assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]


def test_a_move_of_a_price_is_reported_whoever_writes_it(service: Service, admin: httpx.Client) -> None:
    made = admin.post("/api/v1/products", json=a_product()).json()["data"]
    price, event = asyncio.run(_moved(service, made["id"]))
    assert event == ("price-updates", "price.changed", price["price"], price["currency"])


async def _moved(service: Service, product_id: str) -> tuple[Any, tuple[str, ...]]:
    """Read in a transaction that is not committed: nobody publishes the row meanwhile."""
    connection = await asyncpg.connect(service.database_url)
    transaction = connection.transaction()
    await transaction.start()
    try:
        price = await connection.fetchrow(
            "UPDATE product_prices SET current_price = min_price + (base_price - min_price) / 2 WHERE item_id = $1 "
            "RETURNING currency, trim_scale(current_price)::text AS price",
            product_id,
        )
        (event,) = await connection.fetch(
            "SELECT topic, type, data::jsonb->>'new_price' AS price, data::jsonb->>'currency' AS currency "
            "FROM event_outbox WHERE key = $1 AND xmin::text = pg_current_xact_id()::xid::text",
            product_id,
        )
        return price, tuple(event)
    finally:
        await transaction.rollback()
        await connection.close()
