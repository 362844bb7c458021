"""The time zone that somebody chose: figures by it, its periods, and that it is kept.

Source: docs/spec/web.md#time-zones.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from quote_service.web.model.periods import periods_of
from tests.web.conftest import SignIn


def test_a_choice_of_zone_is_kept_and_named(signed_in: SignIn) -> None:
    visitor = signed_in("analyst")
    assert "data-time-zone" not in visitor.see("/admin/analytics")
    shown = visitor.see("/admin/analytics?time_zone=Asia/Kathmandu")
    assert "Days and hours of Asia/Kathmandu" in shown
    today = datetime.now(UTC).astimezone(ZoneInfo("Asia/Kathmandu")).date()
    assert f"from={today}" in shown
    for path in ("/admin/analytics?report=honoured", "/admin/analytics?report=flags"):
        assert "Days and hours of Asia/Kathmandu" in visitor.see(path)
    assert 'data-time-zone="Asia/Kathmandu"' in visitor.see("/admin")
    assert "(Asia/Kathmandu)" in visitor.see("/admin") or "Nothing was sold today" in visitor.see("/admin")
    assert "data-time-zone" not in visitor.see("/admin/analytics?time_zone=")
    assert "data-time-zone" not in visitor.see("/admin")


@pytest.mark.parametrize(
    ("time_zone", "today"), [("Europe/Istanbul", "2026-03-01"), ("UTC", "2026-02-28"), ("", "2026-02-28")]
)
def test_periods_are_of_the_days_of_the_zone(time_zone: str, today: str) -> None:
    periods = periods_of(datetime(2026, 2, 28, 22, 30, tzinfo=UTC), time_zone)
    assert periods["Today"] == {"from": today, "to": ""}
    assert periods["Yesterday"]["to"] == today
    assert date.fromisoformat(periods["This week"]["from"]).isoweekday() == 1
    assert periods["This month"]["from"] == f"{today[:8]}01"
    assert periods["Last month"]["to"] == f"{today[:8]}01"
