"""What happened window by window, as pages tell it. Source: docs/spec/web.md#market; docs/spec/market-analysis.md#windows."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from quote_service.intelligence.market_analysis.model.windows.terms import window_terms
from quote_service.intelligence.market_analysis.tables.window_marks import BatchFigures, hold_mark, move_mark
from quote_service.intelligence.market_analysis.tables.windows import CountedWindow, add_to_windows
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.instants import to_micros
from quote_service.web.model.market.windows import counted_until, merged, width_text
from tests.access.running import RunningService
from tests.web.competition import Competition
from tests.web.conftest import SignIn
from tests.web.signing_in import text_of

NOW = datetime(2026, 3, 1, 10, 4, tzinfo=UTC)
PARTS = ("prices", "competitors", "behaviour", "decisions")


def window(begins: str, currency: str | None, **parts: Any) -> dict[str, Any]:
    keys_sent = dict.fromkeys(PARTS) | {name: {"is_open": True, **part} for name, part in parts.items()}
    ends = f"2026-03-01T{begins[:3]}{int(begins[3:]) + 5:02}:00Z"
    return {"from": f"2026-03-01T{begins}:00Z", "to": ends, "product_id": "tea", "currency": currency, **keys_sent}


def test_what_shoppers_did_stands_beside_the_prices_of_the_same_minutes() -> None:
    rows = merged(
        [
            window("10:00", None, behaviour={"views": 3}),
            window("10:00", "EUR", prices={"moves": 1}),
            window("10:00", "TRY", prices={"moves": 2}, decisions={"applied": 1}),
            window("08:00", "EUR", competitors={"looks": 1}),
            window("08:00", None, behaviour={"views": 4}),
        ],
        NOW,
    )
    reported = [(row["from"][11:16], row["currency"], [part for part in PARTS if row[part]]) for row in rows]
    assert reported == [
        ("10:00", "EUR", ["prices", "behaviour"]),
        ("10:00", "TRY", ["prices", "decisions"]),
        ("08:00", "EUR", ["competitors", "behaviour"]),
    ]
    # Nothing has happened since 08:00, so the API's window is open still: nobody waits for that.
    assert [row["is_open"] for row in rows] == [True, True, False]


def test_widths_are_reported_in_words() -> None:
    assert [width_text(seconds) for seconds in (10, 60, 300, 3600, 7200)] == [
        "10 seconds",
        "a minute",
        "5 minutes",
        "an hour",
        "2 hours",
    ]
    subjects = [{"newest_at": None}, {"newest_at": "2026-03-01T10:00:00Z"}, {"newest_at": "2026-03-01T09:00:00Z"}]
    assert counted_until({"subjects": subjects}) == "2026-03-01T10:00:00Z"
    assert counted_until({"subjects": subjects[:1]}) is None


async def keep_windows(service: RunningService, product_id: str) -> None:
    """Windows of this minute, as a background process counts them."""
    now_us = to_micros(datetime.now(UTC))
    terms = window_terms(300, 900)
    nothing = CountedWindow(
        *(product_id, "", now_us - now_us % terms.width_us, 1, now_us, None, None, None, None, (), *(0,) * 10)
    )
    looks = nothing._replace(
        currency="TRY", low=Decimal("95.5"), high=Decimal("97"), listings=(str(uuid4()),), counted=2, doubted=1
    )
    moved = nothing._replace(
        currency="TRY", low=Decimal(99), high=Decimal(100), first_mark="1 e 99", last_mark="2 e 100", counted=2
    )
    database = await Database.open(service.parts[Settings].database_url)
    try:
        async with database.transaction() as connection:
            await add_to_windows(connection, "competitors", terms, [looks])
            await add_to_windows(connection, "prices", terms, [moved])
            await add_to_windows(connection, "behaviour", terms, [nothing._replace(views=1, carts=1)])
            await hold_mark(connection, "prices")
            await move_mark(connection, "prices", now_us, BatchFigures(counted=2, late=3, ahead=0))
    finally:
        await database.close()


def test_a_product_and_the_market_show_what_happened_within_minutes(service: RunningService, signed_in: SignIn) -> None:
    product = Competition(service, "Minute Shop").product("Steel thermos", "100.00")
    asyncio.run(keep_windows(service, product["id"]))
    analyst = signed_in("analyst")
    for path in (f"/admin/market/{product['id']}", f"/admin/market/windows?product_id={product['id']}"):
        shown = text_of(analyst.see(path))
        assert "100.00 TRY 2 moves, 99.00 to 100.00" in shown
        assert "95.50 to 97.00 TRY 2 looks at 1 offer, 1 doubted" in shown
        assert "1 view 1 into carts, 0 bought" in shown
        assert "still counting" in shown
        assert "3 events came too late" in shown
    every = analyst.see("/admin/market/windows")
    assert f'href="/admin/market/{product["id"]}?currency=TRY">Steel thermos</a>' in every


def test_without_anything_that_happened_the_page_says_what_appears(service: RunningService, signed_in: SignIn) -> None:
    analyst = signed_in("analyst")
    quiet = Competition(service, "Quiet Shop").product("Garden gnome", "30.00")["id"]
    assert "Nothing happened within a day" in text_of(analyst.see(f"/admin/market/windows?product_id={quiet}"))
    assert "Nothing happened in this time" in text_of(
        analyst.see("/admin/market/windows?from=2001-01-01&to=2001-01-02")
    )


@pytest.mark.parametrize(
    "query", ["product_id=nonsense", "currency=XXQ", "from=nonsense", "from=2030-01-02&to=2030-01-01"]
)
def test_what_the_api_refuses_is_reported(signed_in: SignIn, query: str) -> None:
    answer = signed_in("analyst").http.get(f"/admin/market/windows?{query}")
    assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)


def test_prices_that_never_moved_are_no_prices_that_vary(service: RunningService, signed_in: SignIn) -> None:
    page = signed_in("analyst").see("/admin/market/analysis")
    assert "0.0\N{NO-BREAK SPACE}%" not in page
