"""The report of honoured prices over HTTP. Source: docs/spec/analytics.md#honoured-prices."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import httpx
import pytest

from quote_service.pricing.honoured.find_difference import Amounts, CauseKind, Difference, Effect
from quote_service.steering.analytics.model.honoured import HonouredSums
from quote_service.steering.analytics.tables.honoured import add_sums
from tests.catalog.shop import pointers
from tests.fixtures.service import Service

URL = "/api/v1/analytics/honoured"
# Long before anything that the session's own quotes are of.
DAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=70)
PERIOD = {"from": str(DAY.date()), "to": str((DAY + timedelta(days=2)).date())}


def a_difference(*effects: tuple[CauseKind, str, int, int]) -> Difference:
    found = [Effect(kind, key, Amounts(total, commission)) for kind, key, total, commission in effects]
    whole = Amounts(
        sum(each.amounts.total_minor for each in found), sum(each.amounts.commission_minor for each in found)
    )
    return Difference(whole, found)


def some_sums() -> HonouredSums:
    sums = HonouredSums()
    sums.add(DAY, "TRY", None)
    sums.leave_out(DAY + timedelta(hours=5, minutes=44), "TRY")
    sums.add(DAY + timedelta(hours=7), "TRY", a_difference(("rule", "fee", -1500, 0)))
    sums.add(DAY + timedelta(hours=30), "TRY", a_difference(("rule", "fee", -500, -25), ("price", "shoe", 300, 0)))
    sums.add(DAY + timedelta(hours=31), "TRY", a_difference(("rate", "r1", 0, 40), ("other", "", 20, 0)))
    sums.add(DAY + timedelta(hours=31), "JPY", a_difference(("flag", "new-fee", 70, 0)))
    sums.add(DAY + timedelta(days=2), "TRY", a_difference(("rule", "of the next day", 9999, 0)))
    return sums


async def write_sums(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction():
            # Another process of the tests may write the very same.
            await connection.execute("SELECT pg_advisory_xact_lock(hashtext('a test of honoured prices'))")
            await connection.execute("DELETE FROM honoured_quotes WHERE quarter < $1", DAY + timedelta(days=9))
            await connection.execute("DELETE FROM honoured_effects WHERE quarter < $1", DAY + timedelta(days=9))
            await add_sums(connection, some_sums())
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def kept(service: Service) -> None:
    """Sums of two days."""
    asyncio.run(write_sums(service.database_url))


def hour(after: int) -> str:
    return (DAY + timedelta(hours=after)).isoformat().replace("+00:00", "Z")


def read(http: httpx.Client, **query: Any) -> dict[str, Any]:
    answer = http.get(URL, params={**PERIOD, **query})
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = json.loads(answer.text, parse_float=Decimal)["data"]
    return data


@pytest.mark.usefixtures("kept")
def test_currencies_apart_and_changes_by_what_they_made(admin: httpx.Client) -> None:
    report = read(admin)
    assert [report["from"], report["to"], report["time_zone"]] == [
        DAY.isoformat().replace("+00:00", "Z"),
        (DAY + timedelta(days=2)).isoformat().replace("+00:00", "Z"),
        "UTC",
    ]
    assert report["freshness"]["is_exact"] is True
    yen, lira = report["currencies"]
    assert (yen["currency"], yen["figures"]["gain"], yen["figures"]["difference"]) == ("JPY", 70, 70)
    assert lira["figures"] == {
        "accepted": 5,
        "not_compared": 1,
        "changed": 3,
        "changed_share": Decimal("0.75"),
        "dearer": 2,
        "cheaper": 1,
        "cost": 17,
        "gain": Decimal("0.20"),
        "difference": Decimal("-16.80"),
        "commission_difference": Decimal("0.15"),
    }
    assert [(each["kind"], each["key"], each["quotes"], each["difference"]) for each in lira["changes"]] == [
        ("rule", "fee", 2, -20),
        ("price", "shoe", 1, 3),
        ("other", None, 1, Decimal("0.20")),
        ("rate", "r1", 1, 0),
    ]
    assert lira["changes"][-1]["commission_difference"] == Decimal("0.40")
    assert lira["others"] is None


@pytest.mark.usefixtures("kept")
def test_what_is_not_reported_one_by_one_is_left_over(admin: httpx.Client) -> None:
    (lira,) = read(admin, currency="TRY", limit=1)["currencies"]
    assert [each["key"] for each in lira["changes"]] == ["fee"]
    assert lira["others"] == {"difference": Decimal("3.20"), "commission_difference": Decimal("0.40")}
    first_day = {"to": str((DAY + timedelta(days=1)).date())}
    (lira,) = read(admin, **first_day)["currencies"]
    assert (lira["figures"]["accepted"], lira["figures"]["cost"]) == (3, 15)
    assert read(admin, currency="EUR")["currencies"] == []


@pytest.mark.usefixtures("kept")
def test_whole_days_and_what_is_at_their_edges_add_up(admin: httpx.Client) -> None:
    # Hours of DAY at which quotes in TRY were accepted, and what honouring some of them cost.
    accepted = [0, 5.73, 7, 30, 31, 48]
    costs: dict[float, int] = {7: 15, 30: 2}
    for begin, end in ((0, 48), (6, 48), (5, 31), (6, 30), (8, 12), (0, 32), (24, 49), (-30, 72)):
        report = read(admin, **{"from": hour(begin), "to": hour(end), "currency": "TRY", "limit": 1})
        within = [at for at in accepted if begin <= at < end]
        reported = [block["figures"] for block in report["currencies"]]
        wanted = [(len(within), sum(costs.get(at, 0) for at in within))] if within else []
        assert [(each["accepted"], each["cost"]) for each in reported] == wanted, (begin, end)
        for block in report["currencies"]:
            parts = [*block["changes"], *([block["others"]] if block["others"] else [])]
            assert sum(each["difference"] for each in parts) == block["figures"]["difference"]


@pytest.mark.usefixtures("kept")
def test_as_a_table(admin: httpx.Client) -> None:
    answer = admin.get(URL, params={**PERIOD, "limit": 3}, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [(row["currency"], row["row"], row["kind"], row["key"], row["difference"]) for row in rows] == [
        ("JPY", "total", "", "", "70"),
        ("JPY", "change", "flag", "new-fee", "70"),
        ("TRY", "total", "", "", "-16.80"),
        ("TRY", "change", "rule", "fee", "-20.00"),
        ("TRY", "change", "price", "shoe", "3.00"),
        ("TRY", "change", "other", "", "0.20"),
        ("TRY", "others", "", "", "0.00"),
    ]
    assert rows[2]["cost"] == "17.00"
    assert {row["time_zone"] for row in rows} == {"UTC"}


def test_who_may_read_it(
    anonymous: httpx.Client, key_with: Callable[..., dict[str, str]], shopper: dict[str, str]
) -> None:
    assert anonymous.get(URL).status_code == 401
    assert anonymous.get(URL, headers=key_with("reports:read")).status_code == 200
    assert anonymous.get(URL, headers=key_with("quote:write", "catalog:write")).status_code == 403
    assert anonymous.get(URL, headers=shopper).status_code == 403


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("from=yesterday", "from"),
        ("from=2026-01-01T10:20:00Z&to=2026-01-02", "from"),
        ("from=2026-01-02&to=2026-01-01", "to"),
        ("currency=XXX", "currency"),
        ("limit=0", "limit"),
        ("group_by=day", "group_by"),
    ],
)
def test_what_it_refuses(admin: httpx.Client, query: str, where: str) -> None:
    assert pointers(admin.get(f"{URL}?{query}")) == [f"/query/{where}"]
