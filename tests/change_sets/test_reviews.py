"""Who approves what: another person, and one edition.

Source: docs/spec/change-sets.md#editions-and-reviews.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.change_sets.desk import SETS, Desk


def review(desk: Desk, made: dict[str, Any], decision: str = "approve", **fields: Any) -> dict[str, Any]:
    body = {"decision": decision, "edition": made["edition"], **fields}
    return dict(desk.done("POST", f"{SETS}/{made['id']}/reviews", body))


def test_a_set_waits_for_a_second_person(strict: Desk) -> None:
    made = strict.drafted()
    path = f"{SETS}/{made['id']}"
    assert strict.refused("POST", f"{path}/publish")[:2] == (409, "approval-required")
    own = strict.refused("POST", f"{path}/reviews", {"decision": "approve", "edition": 1})
    assert own[:2] == (403, "own-change-set")
    second = strict.other()
    reviewed = review(second, made, note="fine")
    (said,) = reviewed["reviews"]
    assert (said["reviewer"], said["decision"], said["edition"], said["note"]) == (
        second.person.id, "approve", 1, "fine",
    )  # fmt: skip
    assert strict.published(made)["status"] == "published"


def test_an_edit_voids_the_approval(strict: Desk) -> None:
    made = strict.drafted()
    second = strict.other()
    review(second, made)
    edited = strict.done("PUT", f"{SETS}/{made['id']}", {"name": "with more"})
    assert (edited["edition"], len(edited["reviews"])) == (2, 1)
    path = f"{SETS}/{made['id']}"
    assert strict.refused("POST", f"{path}/publish")[:2] == (409, "approval-required")
    stale = second.refused("POST", f"{path}/reviews", {"decision": "approve", "edition": 1})
    assert stale[:2] == (409, "version-conflict")
    review(second, edited)
    assert strict.published(made)["status"] == "published"


def test_whoever_has_written_an_edition_approves_none(strict: Desk) -> None:
    """Otherwise a second person who mends a typo would let the first approve what is their own."""
    made = strict.drafted()
    second = strict.other()
    edited = second.done("PUT", f"{SETS}/{made['id']}", {"name": "without the typo"})
    assert edited["authors"] == [strict.person.id, second.person.id]
    for author in (strict, second):
        refused = author.refused("POST", f"{SETS}/{made['id']}/reviews", {"decision": "approve", "edition": 2})
        assert refused[:2] == (403, "own-change-set")
    review(strict.other(), edited)
    assert second.published(made)["published_by"] == second.person.id


def test_an_approval_does_for_a_scheduled_publication_that_was_cancelled(strict: Desk) -> None:
    made = strict.drafted()
    review(strict.other(), made)
    scheduled = strict.published(made, publish_at="2126-01-01T00:00:00Z")
    assert (scheduled["status"], scheduled["edition"], scheduled["version"]) == ("scheduled", 1, 2)
    assert strict.refused("PUT", f"{SETS}/{made['id']}", {"name": "late"})[:2] == (409, "change-set-state")
    assert strict.done("DELETE", f"{SETS}/{made['id']}/publish")["publish_at"] is None
    assert strict.published(made)["status"] == "published"


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": "analyst"}], ids=["off", "another role"])
def test_the_approval_of_somebody_who_may_review_no_more_does_not_count(strict: Desk, change: dict[str, Any]) -> None:
    made, second = strict.drafted(), strict.other()
    review(second, made)
    path = f"{SETS}/{made['id']}"
    strict.published(made, publish_at="2126-01-01T00:00:00Z")
    strict.done("DELETE", f"{path}/publish")
    admin = Desk(strict.service, strict.service.new_person("admin"))
    admin.done("PATCH", f"/users/{second.person.id}", change)
    for body in (None, {"publish_at": "2126-01-01T00:00:00Z"}):
        assert strict.refused("POST", f"{path}/publish", body)[:2] == (409, "approval-required")
    review(strict.other(), made)
    assert strict.published(made)["status"] == "published"


def test_requested_changes_hold_an_edition_back_even_where_nobody_has_to_approve(desk: Desk) -> None:
    made = desk.drafted()
    second = desk.other()
    review(second, made, "request_changes", note="too early")
    assert desk.refused("POST", f"{SETS}/{made['id']}/publish")[:2] == (409, "approval-required")
    (said,) = review(second, made)["reviews"]
    assert (said["decision"], said["note"]) == ("approve", None)
    assert desk.published(made)["status"] == "published"


@pytest.mark.parametrize("role", ["analyst", "user"])
def test_others_neither_write_nor_review_nor_publish(desk: Desk, role: Any) -> None:
    made = desk.drafted()
    somebody = Desk(desk.service, desk.service.new_person(role))
    path = f"{SETS}/{made['id']}"
    for method, place, body in (
        ("POST", SETS, {"name": "mine"}),
        ("PUT", path, {"name": "mine"}),
        ("DELETE", path, None),
        ("POST", f"{path}/reviews", {"decision": "approve", "edition": 1}),
        ("POST", f"{path}/publish", None),
        ("DELETE", f"{path}/publish", None),
        ("POST", f"{path}/rollback", None),
    ):
        assert somebody.refused(method, place, body)[:2] == (403, "forbidden")
    assert somebody.ask("GET", path).status_code == (200 if role == "analyst" else 403)
