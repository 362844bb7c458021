"""Change sets that are published at an instant, and what keeps one from it.

Source: docs/spec/change-sets.md#publishing.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from quote_service.platform.postgres.pool import Database
from quote_service.steering.change_sets.loops.publication_schedule import run_publications
from quote_service.steering.change_sets.model.change_sets import ChangeSet
from quote_service.steering.change_sets.operations.measure_change_sets import measure_overdue
from quote_service.steering.change_sets.operations.run_publications import publish_due
from tests.change_sets.desk import SETS, Desk, everything, state_now
from tests.conftest import eventually


def soon() -> str:
    return (datetime.now(UTC) + timedelta(seconds=0.3)).isoformat()


def make_due(desk: Desk, made: dict[str, Any]) -> None:
    """Its instant has come, by the database's clock."""
    desk.service.rows(
        "UPDATE change_sets SET publish_at = clock_timestamp() - interval '1 second' WHERE id = $1 RETURNING id",
        made["id"],
    )


async def overdue(database: Database) -> float:
    ((_, seconds),) = await measure_overdue(database)
    return seconds


async def publish_all(database: Database, *, needs_approval: bool = False) -> list[ChangeSet]:
    return [done async for done in publish_due(database, needs_approval=needs_approval)]


def test_the_loop_publishes_a_set_at_its_instant(desk: Desk) -> None:
    things = everything(desk)
    made = desk.published(desk.drafted(**things["changes"]), publish_at=soon())
    assert made["status"] == "scheduled"

    async def work(database: Database) -> None:
        loop = asyncio.create_task(run_publications(database, needs_approval=False))
        try:
            await eventually(lambda: desk.shown(made)["status"] == "published", "the set is published")
        finally:
            loop.cancel()

    desk.service.in_database(work)
    published = desk.shown(made)
    assert published["published_at"] >= made["publish_at"]
    assert published["published_by"] == desk.person.id
    assert state_now(desk, things)["price"] == 89.90
    (row,) = [row for row in desk.service.audited(made["id"]) if row["action"] == "change_set.publish"]
    assert (row["actor"], row["actor_kind"]) == ("change set schedule", "system")


def test_a_set_is_not_published_before_its_instant_nor_when_that_was_cancelled(desk: Desk) -> None:
    later = desk.published(desk.drafted(), publish_at="2126-01-01T00:00:00Z")
    cancelled = desk.published(desk.drafted(), publish_at="2126-01-01T00:00:00Z")
    desk.done("DELETE", f"{SETS}/{cancelled['id']}/publish")
    assert desk.service.in_database(publish_all) == []
    assert (desk.shown(later)["status"], desk.shown(cancelled)["status"]) == ("scheduled", "draft")
    past = {"publish_at": "2020-01-01T00:00:00Z"}
    assert desk.refused("POST", f"{SETS}/{cancelled['id']}/publish", past)[2] == ["/publish_at"]
    never = {"publish_at": "9999-12-31T23:59:59.999999Z"}
    assert desk.refused("POST", f"{SETS}/{cancelled['id']}/publish", never)[2] == ["/publish_at"]


def test_a_set_that_cannot_be_published_says_why_and_keeps_no_other_waiting(desk: Desk) -> None:
    things, others = everything(desk), everything(desk)
    first = desk.published(desk.drafted(**things["changes"]), publish_at="2126-01-01T00:00:00Z")
    second = desk.published(desk.drafted(**others["changes"]), publish_at="2126-01-01T00:00:00Z")
    desk.done("POST", f"/feature-flags/{things['flag']['id']}/kill")
    before = state_now(desk, things)
    make_due(desk, first)
    make_due(desk, second)
    assert desk.service.in_database(overdue) >= 1
    done = desk.service.in_database(publish_all)
    assert [str(each.id) for each in done] == [first["id"], second["id"]]
    assert desk.service.in_database(overdue) == 0
    body = desk.service.http.get("/metrics", headers=desk.service.new_person("admin").headers)
    assert "\nquote_change_set_overdue_seconds " in body.text
    failed = desk.shown(first)
    assert (failed["status"], failed["failure"]["code"]) == ("failed", "change-set-conflicts")
    assert [each["pointer"] for each in failed["failure"]["errors"]] == ["/flags/0"]
    assert state_now(desk, things) == before
    assert desk.shown(second)["status"] == "published"
    (conflict,) = failed["conflicts"]
    kept = {"pointer": conflict["pointer"], "keep": "draft", "state": conflict["state"]}
    resolved = desk.done("POST", f"{SETS}/{first['id']}/resolve", {"resolutions": [kept]})
    assert (resolved["status"], resolved["failure"], resolved["publish_at"]) == ("draft", None, None)
    assert desk.published(first)["status"] == "published"


def test_a_review_that_comes_in_time_holds_a_scheduled_set_back(desk: Desk) -> None:
    made = desk.published(desk.drafted(), publish_at="2126-01-01T00:00:00Z")
    body = {"decision": "request_changes", "edition": 1}
    desk.other().done("POST", f"{SETS}/{made['id']}/reviews", body)
    make_due(desk, made)
    desk.service.in_database(publish_all)
    assert desk.shown(made)["failure"]["code"] == "approval-required"


def test_a_setting_that_was_turned_on_meanwhile_counts(desk: Desk) -> None:
    made = desk.published(desk.drafted(), publish_at="2126-01-01T00:00:00Z")
    make_due(desk, made)
    desk.service.in_database(lambda database: publish_all(database, needs_approval=True))
    assert desk.shown(made)["failure"]["code"] == "approval-required"
