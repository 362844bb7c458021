"""What counts when, and what versions changed. Source: docs/spec/web.md#timeline."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from quote_service.web.model.timeline import Window, counts_at, rate_lanes, segments_of
from quote_service.web.rendering.changes import changes_between
from tests.access.running import RunningService
from tests.web.conftest import SignIn
from tests.web.signing_in import text_of

WINDOW = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 31, tzinfo=UTC))


def version(number: int, start: int, end: int | None = None, **fields: Any) -> dict[str, Any]:
    """A version of January, by days."""
    day = datetime(2026, 1, 1, tzinfo=UTC)
    until = None if end is None else (day + timedelta(days=end - 1)).isoformat()
    begins = (day + timedelta(days=start - 1)).isoformat()
    return {"version": number, "effective_from": begins, "effective_to": until, "is_active": True, **fields}


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ([], []),
        ([version(1, -10)], [(1, 1, 31)]),
        ([version(1, 5), version(2, 10)], [(1, 5, 10), (2, 10, 31)]),
        ([version(1, 1), version(2, 10, 20)], [(1, 1, 10), (2, 10, 20), (1, 20, 31)]),
        ([version(2, 1), version(1, 10)], [(2, 1, 31)]),
        ([version(1, 1), version(2, 5, is_active=False)], [(1, 1, 31)]),
        ([version(1, 2, 4), version(2, 20)], [(1, 2, 4), (2, 20, 31)]),
        ([version(1, 40), version(2, -5, 0)], []),
    ],
    ids=lambda value: str(len(value)),
)
def test_the_highest_version_in_its_period_counts(
    versions: list[dict[str, Any]], expected: list[tuple[int, int, int]]
) -> None:
    found = segments_of(versions, WINDOW)
    days = (
        [(each.start - WINDOW.start).days + 1 for each in found],
        [(each.end - WINDOW.start).days + 1 for each in found],
    )
    assert list(zip([each.document["version"] for each in found], *days, strict=True)) == expected
    for segment in found:
        assert counts_at(versions, segment.start) is segment.document
        assert counts_at(versions, segment.end - timedelta(microseconds=1)) is segment.document


def test_rates_of_the_same_kind_share_a_line() -> None:
    seller = str(uuid4())
    rates = [
        version(1, 1, 10, seller_id=seller, region="TR"),
        version(4, 10, seller_id=seller, region="TR"),
        version(1, 1, region="TR"),
    ]
    lanes = rate_lanes(rates, WINDOW)
    assert [len(lane.segments) for lane in lanes] == [1, 2]
    assert [lane.label for lane in lanes] == ["all lines", f"seller …{seller[-8:]}"]


def test_what_differs_is_reported_field_by_field() -> None:
    before: dict[str, Any] = {"id": "a", "configuration": {"base_fee": 10}, "region": None, "tags": [], "on": True}
    after = {"id": "b", "configuration": {"base_fee": 12}, "region": "TR", "tags": None, "on": False}
    assert [tuple(change) for change in changes_between(before, after)] == [
        ("Base fee", "10", "12"),
        ("Region", "–", "TR"),
        ("On", "yes", "no"),
    ]


def test_a_rule_shows_its_versions_and_goes_back_to_one(service: RunningService, signed_in: SignIn) -> None:
    headers, path = service.as_role("admin"), "/api/v1/pricing-rules"
    later = (datetime.now(UTC) + timedelta(days=5)).isoformat()
    rule = {"name": f"fee-{uuid4().hex[:8]}", "type": "DELIVERY_FEE", "currency": "EUR", "region": "IS"}
    made = service.http.post(path, json={**rule, "configuration": {"base_fee": 7}}, headers=headers).json()["data"]
    next_version = {**rule, "configuration": {"base_fee": 9}, "effective_from": later}
    newest = service.http.put(f"{path}/{made['id']}", json=next_version, headers={**headers, "If-Match": "*"}).json()
    visitor = signed_in("pricing_manager")
    shown = visitor.see(f"/admin/rules/{newest['data']['id']}")
    assert re.search(r"Version 2.*Begins later.*Base fee 7 9.*Version 1.*Counts now", text_of(shown))
    timeline = visitor.see("/admin/rules/timeline?region=IS")
    assert "v1 · 7" in timeline
    assert "v2 · 9" in timeline
    back = visitor.send(f"/admin/rules/{made['id']}/do/rollback")
    assert back.status_code == 303, text_of(back.text)
    assert re.search(r"Version 3 Counts now.*Base fee 9 7", text_of(visitor.see(back.headers["location"])))
    assert "/do/rollback" not in signed_in("analyst").see(f"/admin/rules/{made['id']}")


def test_a_rate_begins_again_from_an_older_version(service: RunningService, signed_in: SignIn) -> None:
    headers, path = service.as_role("admin"), "/api/v1/commission-rates"
    draft: dict[str, Any] = {"commission_type": "PERCENTAGE", "seller_id": str(uuid4()), "rate": 6.5}
    made = service.http.post(path, json=draft, headers=headers).json()["data"]
    changed = service.http.put(f"{path}/{made['id']}", json={**draft, "rate": 8}, headers={**headers, "If-Match": "*"})
    assert changed.status_code == 200, changed.text
    visitor = signed_in("pricing_manager")
    assert re.search(
        r"Version 2 Counts now.*Rate 6.5 8.*Version 1 Replaced", text_of(visitor.see(f"/admin/rates/{made['id']}"))
    )
    assert 'name="/rate" value="6.5"' in visitor.see(f"/admin/rates/{made['id']}/edit?version=1")
    assert f"seller …{draft['seller_id'][-8:]}" in visitor.see("/admin/rates/timeline")


@pytest.mark.parametrize("asked", ["from=0001-01-01&days=365", "from=9999-12-31", "from=tomorrow&days=-1", "region=//"])
def test_a_timeline_of_nothing_says_so(signed_in: SignIn, asked: str) -> None:
    answer = signed_in("analyst").http.get(f"/admin/rules/timeline?{asked}")
    assert answer.status_code in (200, 422)
    assert answer.status_code == 200 or 'role="alert"' in answer.text


def test_findings_of_the_whole_rulebook_are_listed(signed_in: SignIn) -> None:
    visitor = signed_in("analyst")
    assert 'hx-get="/admin/rules/findings"' in visitor.see("/admin/rules/check")
    assert "rules and" in text_of(visitor.see("/admin/rules/findings"))
