"""The analytics as pages show what the API tells. Source: docs/spec/web.md#analytics."""

from __future__ import annotations

import time
from uuid import uuid4

import pytest

from quote_service.web.rendering.columns_chart import columns_chart
from quote_service.web.rendering.differences_chart import differences_charts
from tests.access.running import PATIENCE_SECONDS, RunningService
from tests.web.conftest import SignIn
from tests.web.experiments import run_experiments
from tests.web.signing_in import text_of
from tests.web.test_actions import place_order


@pytest.mark.parametrize("report", ["pricing", "commission", "flags", "honoured"])
def test_every_report_is_shown_with_and_without_figures(signed_in: SignIn, report: str) -> None:
    for role in ("admin", "analyst"):
        shown = signed_in(role).see(f"/admin/analytics?report={report}")
        assert "Currencies are never added up" in text_of(shown)
    export = signed_in("analyst").http.get(f"/admin/analytics/{report}/csv")
    assert export.status_code == 200, export.text
    assert export.headers["content-type"].startswith("text/csv")
    assert export.headers["content-disposition"] == f'attachment; filename="{report}.csv"'


def test_what_was_quoted_is_in_the_figures(service: RunningService, signed_in: SignIn) -> None:
    place_order(service)
    visitor, until = signed_in("analyst"), time.monotonic() + PATIENCE_SECONDS
    while "Quotes answered" not in (shown := text_of(visitor.see("/admin/analytics"))):
        assert time.monotonic() < until, shown
    assert "TRY" in shown


@pytest.mark.parametrize(
    "query", ["from=nonsense", "group_by=nothing", "currency=XXQ", "from=2030-01-01&to=2020-01-01"]
)
def test_what_the_api_refuses_is_reported(signed_in: SignIn, query: str) -> None:
    answer = signed_in("analyst").http.get(f"/admin/analytics?{query}")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_a_report_that_there_is_not_is_404(signed_in: SignIn) -> None:
    visitor = signed_in("analyst")
    assert visitor.http.get("/admin/analytics?report=nothing").status_code == 404
    assert visitor.http.get("/admin/analytics/nothing/csv").status_code == 404


def test_a_draft_is_replayed_on_last_week(service: RunningService, signed_in: SignIn) -> None:
    visitor = signed_in("pricing_manager")
    fields = {"variant": "TAX", "/name": f"vat-{uuid4().hex[:6]}", "/configuration/rate": "20", "/region": "TR"}
    started = visitor.send("/admin/rules/new", **fields, key=uuid4().hex, to="replay")
    assert started.status_code == 303, text_of(started.text)
    assert started.headers["location"].startswith("/admin/replays/")
    assert fields["/name"] in visitor.see(started.headers["location"])
    rules = service.http.get(
        "/api/v1/pricing-rules", params={"name": fields["/name"]}, headers=service.as_role("admin")
    )
    assert rules.json()["data"] == []


def test_columns_stand_on_zero_and_the_highest_reaches_the_top() -> None:
    chart = columns_chart([("a", "5.00"), ("b", 10), ("c", -3), ("d", None)])
    assert chart is not None
    assert [(column.y, column.height) for column in chart.columns] == [(50, 50), (0, 100), (100, 0), (100, 0)]
    assert columns_chart([]) is None
    nothing = columns_chart([("a", 0)])
    assert nothing is not None
    assert nothing.columns[0].height == 0


def test_the_difference_of_an_arm_is_drawn_over_time(service: RunningService, signed_in: SignIn) -> None:
    flag = {"key": f"tried-{uuid4().hex[:8]}", "type": "BOOLEAN", "value": True, "rollout": {"percentage": 50}}
    made = service.http.post("/api/v1/feature-flags", json=flag, headers=service.as_role("admin"))
    assert made.status_code == 201, made.text
    visitor, path = signed_in("analyst"), f"/admin/flags/{made.json()['data']['id']}/experiment"
    assert "Nobody has been shown an arm yet" in visitor.see(path)
    run_experiments(service)
    shown = visitor.see(path)
    assert shown.count('class="differences"') == 2  # conversion and revenue
    assert "Difference of on in conversion over time, from +1.8\N{NO-BREAK SPACE}% to +2.0\N{NO-BREAK SPACE}%" in shown
    assert "wider than the drawing" in shown
    assert "11,428 customers" in shown  # 20 of 21 days


@pytest.mark.parametrize("known", [0, 1])
def test_nothing_is_drawn_of_fewer_than_two_moments(known: int) -> None:
    arm = {"arm": "on", "events": 1, "value": 0.5}
    difference = {"estimate": 0.1, "low": -0.2, "high": 0.4}
    points = [
        {
            "at": f"2026-03-0{day}T10:00:00Z",
            "exposures": [2, 2],
            "arms": [{**arm, "difference": None}, {**arm, "difference": difference if day <= known else None}],
        }
        for day in (1, 2)
    ]
    assert differences_charts({"measure": "rate", "points": points}) == []


def test_an_interval_is_drawn_to_the_scale_of_the_later_half() -> None:
    points = [
        {
            "at": f"2026-03-0{day}T10:00:00Z",
            "exposures": [day, day],
            "arms": [
                {"difference": None},
                {"arm": "on", "difference": {"estimate": 1, "low": 1 - wide, "high": 1 + wide}},
            ],
        }
        for day, wide in ((1, 1000), (2, 1.5), (3, 1), (4, 0.5))
    ]
    (chart,) = differences_charts({"measure": "mean", "points": points})
    assert chart.is_cut
    assert [mark.label for mark in chart.figures] == ["0.00", "2.00"]
    assert [(each.difference, each.low) for each in chart.moments][::3] == [
        ("+1.00", "\N{MINUS SIGN}999.00"),
        ("+1.00", "0.50"),
    ]
    assert [mark.label for mark in chart.instants] == ["1 Mar", "2 Mar", "2 Mar", "3 Mar"]
    heights = [float(each.split()[1].rstrip("Z")) for each in chart.band[1:].split("L")]
    assert min(heights) >= 12
    assert max(heights) <= 164
