"""The analytics as pages show what the API tells. Source: docs/spec/web.md#analytics."""

from __future__ import annotations

import time
from uuid import uuid4

import pytest

from quote_service.web.rendering.columns_chart import columns_chart
from tests.access.running import PATIENCE_SECONDS, RunningService
from tests.web.conftest import SignIn
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
def test_what_the_api_refuses_is_told(signed_in: SignIn, query: str) -> None:
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
