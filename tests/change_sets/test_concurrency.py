"""Two at once: whoever comes first decides, and the other is told.

Source: docs/spec/change-sets.md#publishing; docs/spec/change-sets.md#editions-and-reviews.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import httpx
import pytest

from quote_service.platform.postgres.pool import Database
from quote_service.steering.change_sets.operations.run_publications import publish_due
from quote_service.steering.change_sets.tables.change_sets import read_change_set
from tests.change_sets.desk import SETS, Desk, everything
from tests.change_sets.test_reviews import review
from tests.change_sets.test_schedule import make_due
from tests.conftest import eventually

ROUNDS = 5
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


def both(*calls: Callable[[], httpx.Response]) -> list[httpx.Response]:
    """What each of some requests is answered that are under way at once."""
    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(lambda call: call(), calls))


def held_back(desk: Desk, set_id: str, *calls: Callable[[], httpx.Response]) -> list[httpx.Response]:
    """The same, with all of them waiting for the set before one of them goes on: they meet at its lock."""

    async def work(database: Database) -> list[httpx.Response]:
        with ThreadPoolExecutor(len(calls)) as threads:
            async with database.transaction() as connection:
                await read_change_set(connection, UUID(set_id), lock=True)
                asked = [asyncio.get_running_loop().run_in_executor(threads, call) for call in calls]

                async def they_wait() -> bool:
                    # Or a connection that was opened since the first look of this transaction is never seen.
                    await connection.execute("SELECT pg_stat_clear_snapshot()")
                    return bool(await connection.fetchval(_WAITING) == len(calls))

                await eventually(they_wait, "every request waits for the set")
            return list(await asyncio.gather(*asked))

    return desk.service.in_database(work)


def test_of_two_publishers_one_publishes(desk: Desk) -> None:
    things = everything(desk)
    made = desk.drafted(**things["changes"])
    second, path = desk.other(), f"{SETS}/{made['id']}/publish"
    answers = held_back(desk, made["id"], lambda: desk.ask("POST", path), lambda: second.ask("POST", path))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert [each["version"] for each in desk.active_rules(things["rule"]["name"])] == [2, 1]
    rows = [row["action"] for row in desk.service.audited(made["id"])]
    assert rows.count("change_set.publish") == 1


def test_two_sets_about_the_same_thing_are_not_both_published(desk: Desk) -> None:
    product = desk.product()
    for price in range(60, 60 + ROUNDS):
        sets = [
            desk.drafted(prices=[{"product_id": product["id"], "currency": "TRY", "price": price + extra}])
            for extra in (0.25, 0.5)
        ]
        answers = both(*(lambda made=made: desk.ask("POST", f"{SETS}/{made['id']}/publish") for made in sets))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        (won,) = [made for made, answer in zip(sets, answers, strict=True) if answer.is_success]
        assert desk.price_now(product) == won["prices"][0]["price"]


def test_what_is_published_is_the_edition_that_was_seen(desk: Desk) -> None:
    product = desk.product()
    made = desk.drafted(prices=[{"product_id": product["id"], "currency": "TRY", "price": 80}])
    path = f"{SETS}/{made['id']}"
    tag = {"If-Match": desk.ask("GET", path).headers["etag"]}
    edit = {"name": "dearer", "prices": [{"product_id": product["id"], "currency": "TRY", "price": 120}]}
    published, edited = held_back(
        desk,
        made["id"],
        lambda: desk.ask("POST", f"{path}/publish", **tag),
        lambda: desk.other().ask("PUT", path, edit),
    )
    if published.is_success:
        assert (edited.status_code, desk.price_now(product)) == (409, 80)
    else:
        assert (published.status_code, edited.status_code, desk.price_now(product)) == (412, 200, 100)


@pytest.mark.long("rounds of two requests held back until both wait")
def test_an_approval_is_of_the_edition_that_was_read(strict: Desk) -> None:
    """Whichever comes first: an edition that nobody approved is never published."""
    for _ in range(ROUNDS):
        made, second = strict.drafted(), strict.other()
        path = f"{SETS}/{made['id']}"
        approval = {"decision": "approve", "edition": 1}
        approved, edited = held_back(
            strict,
            made["id"],
            lambda: second.ask("POST", f"{path}/reviews", approval),  # noqa: B023
            lambda: strict.ask("PUT", path, {"name": "another"}),  # noqa: B023
        )
        assert edited.status_code == 200
        assert approved.status_code in (200, 409)
        assert strict.refused("POST", f"{path}/publish")[:2] == (409, "approval-required")
        review(second, strict.shown(made))
        strict.published(made)


def test_a_change_by_hand_comes_before_or_after_a_publication_and_never_within(desk: Desk) -> None:
    for _ in range(ROUNDS):
        flag = desk.flag()
        made = desk.drafted(flags=[{"action": "end", "key": flag["key"]}])
        second = desk.other()
        killed, published = both(
            lambda: second.ask("POST", f"/feature-flags/{flag['id']}/kill"),  # noqa: B023
            lambda: desk.ask("POST", f"{SETS}/{made['id']}/publish"),  # noqa: B023
        )
        assert killed.status_code == 200
        assert published.status_code in (200, 409)
        # One of the two has switched it off: that is one version, and no second one.
        assert (desk.flag_now(flag["id"])["version"], desk.flag_now(flag["id"])["is_enabled"]) == (2, False)


def test_any_number_of_processes_publish_a_set_once(desk: Desk) -> None:
    things = everything(desk)
    made = desk.published(desk.drafted(**things["changes"]), publish_at="2126-01-01T00:00:00Z")
    make_due(desk, made)

    async def once(database: Database) -> list[Any]:
        return [each async for each in publish_due(database, needs_approval=False)]

    async def work(database: Database) -> list[list[Any]]:
        every: list[Awaitable[list[Any]]] = [once(database) for _ in range(4)]
        return list(await asyncio.gather(*every))

    done = desk.service.in_database(work)
    assert sorted(len(each) for each in done) == [0, 0, 0, 1]
    assert [each["version"] for each in desk.active_rules(things["rule"]["name"])] == [2, 1]


@pytest.mark.parametrize("step", ["publish", "rollback"])
def test_a_set_is_one_version_of_the_rulebook(desk: Desk, step: str) -> None:
    """Workers take the rulebook version by version: none prices by half a set."""
    things = everything(desk)
    made = desk.drafted(**things["changes"])
    if step == "rollback":
        desk.published(made)
    before = desk.service.rows("SELECT version FROM rulebook_state")[0]["version"]
    desk.done("POST", f"{SETS}/{made['id']}/{step}")
    assert desk.service.rows("SELECT count(*) FROM rulebook_versions WHERE version > $1", before) == [{"count": 1}]
