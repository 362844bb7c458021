"""The market as pages: what is compared, what is drawn, and who decides what a listing is. Source: docs/spec/web.md#market."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from quote_service.web.rendering.market.prices_chart import Event, PricePoint, Series, prices_chart, rival_kind
from quote_service.web.rendering.market.scale import PriceScale
from quote_service.web.rendering.market.standing import Asked, standing
from tests.access.running import RunningService
from tests.web.competition import Competition
from tests.web.conftest import SignIn
from tests.web.signing_in import Visitor, text_of

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


def day(number: float) -> datetime:
    return BEGIN + timedelta(days=number)


@pytest.fixture(scope="module")
def competition(service: RunningService) -> Competition:
    return Competition(service, "Corner Shop")


def test_prices_are_drawn_as_steps_with_gaps_where_there_is_none() -> None:
    ours = Series("Ours", "ours", (PricePoint(day(-5), Decimal("10")), PricePoint(day(4), Decimal("12"))))
    theirs = Series(
        "Theirs",
        rival_kind(0),
        (
            PricePoint(day(1), Decimal("11")),
            PricePoint(day(3), None),
            PricePoint(day(5), Decimal("900"), "price_anomaly"),
            PricePoint(day(6), Decimal("9")),
        ),
    )
    events = [Event(day(4), "decided", "/there"), Event(day(20), "later", "/there")]
    chart = prices_chart([ours, theirs], BEGIN, day(10), lowest=Decimal("9.5"), events=events)
    assert chart is not None
    # What held before the time begins with it, at the left edge.
    (path,) = chart.lines[0].paths
    assert path.startswith("M72 ")
    assert path.endswith("H992")
    # Two ways: until it was sold out, and after the price that nobody believes, which makes no scale.
    assert len(chart.lines[1].paths) == 2
    ((_, y, about),) = chart.lines[1].doubts
    assert (y, "price_anomaly" in about) == (14, True)
    assert all(Decimal(tick.label) < 20 for tick in chart.prices)
    assert [mark.label for mark in chart.marks] == ["decided"]
    assert [slot.about for slot in chart.slots][2] == "3 Mar: Ours 10, Theirs 11"
    assert chart.slots[4].about == "5 Mar: Ours 12"
    assert chart.slots[5].about == "6 Mar: Ours 12, Theirs 900 (doubted)"
    assert prices_chart([Series("Nobody", "ours", ())], BEGIN, day(1)) is None


def test_a_scale_has_round_prices_and_room_for_one_price() -> None:
    scale = PriceScale([Decimal("209.38"), Decimal("281.53")], 300, 10)
    assert [tick.label for tick in scale.ticks()] == ["225", "250", "275"]
    assert scale.at(Decimal("281.53")) < scale.at(Decimal("209.38"))
    assert len(PriceScale([Decimal("0.05")], 0, 100).ticks()) >= 2


def test_a_place_among_others_counts_who_asks_less() -> None:
    asked = [Asked("B", Decimal("90"), ""), Asked("A", Decimal("110"), ""), Asked("C", Decimal("100"), "")]
    place = standing(asked, Decimal("100"))
    assert place is not None
    assert [dot.name for dot in place.dots] == ["B", "C", "A"]
    assert (place.cheaper, place.median, place.share) == (1, Decimal("100"), Decimal("1"))
    assert standing([], Decimal("1")) is None
    alone = standing(asked, None)
    assert alone is not None
    assert (alone.ours, alone.share, alone.cheaper) == (None, None, 0)


def test_a_product_stands_in_its_market(signed_in: SignIn, competition: Competition) -> None:
    product = competition.product("Copper kettle", "100.00")
    competition.sell(product, (20, 95.5), (6, 178.5), (0, 182.5), units=2)
    visitor = signed_in("analyst")
    row = text_of(visitor.see(f"/admin/market?q={product['sku']}"))
    # 182.50 holds two of ours.
    assert f"91.25 {competition.competitor['name']}" in row
    assert "\N{MINUS SIGN}8.8 %" in row
    assert "1 of 1 cheaper" in row
    html = visitor.see(f"/admin/market/{product['id']}?days=30")
    page = text_of(html)
    assert "2 of 2" in page
    assert "109.6 % of the median" in page
    assert f", {competition.competitor['name']} 91.25" in page
    assert len(re.findall(r'<path class="rival-0" d="M[\d. ]+H[\d.]+V[\d.]+H[\d.]+V', html)) == 1
    unknown = visitor.http.get("/admin/market/00000000-0000-4000-8000-000000000000")
    assert unknown.status_code == 404


def test_what_cannot_be_compared_is_reported_and_left_out(signed_in: SignIn, competition: Competition) -> None:
    product = competition.product("Iron pan", "50.00")
    competition.sell(product, (25, 40.0))
    visitor = signed_in("analyst")
    assert "1 not comparable" in text_of(visitor.see(f"/admin/market?q={product['sku']}"))
    page = text_of(visitor.see(f"/admin/market/{product['id']}"))
    assert "Stale" in page
    assert "nothing to compare with" in page


def test_a_proposal_is_confirmed_undone_and_rejected_by_who_may(signed_in: SignIn, competition: Competition) -> None:
    product = competition.product("Walnut chopping board", "75.00")
    listing = competition.offer("Walnut chopping board large", 70.0)
    competition.propose()
    assert competition.listing(listing["id"])["match_state"] == "proposed"
    path = f"/admin/listings/{listing['id']}/decide"
    analyst, manager = signed_in("analyst"), signed_in("pricing_manager")
    assert "It is this one" not in analyst.see("/admin/listings/matching")
    waiting = manager.see("/admin/listings/matching")
    assert "Walnut chopping board large" in waiting
    refused = analyst.send(path, version="*", decision="match", product_id=product["id"])
    assert refused.status_code == 403
    late = manager.send(path, version='"another"', decision="match", product_id=product["id"])
    assert late.status_code == 412
    wrong = manager.send(path, version="*", decision="match", product_id=product["id"], units="none")
    assert (wrong.status_code, 'role="alert"' in wrong.text) == (422, True)
    matched = manager.send(path, version=tag_of(waiting, path), decision="match", product_id=product["id"], units="2")
    assert (matched.status_code, "Matched" in matched.text) == (200, True)
    assert competition.listing(listing["id"])["units"] == 2
    undone = manager.send(path, version=tag_of(matched.text, path), decision="undo")
    assert (undone.status_code, competition.listing(listing["id"])["match_state"]) == (200, "unmatched")
    other = manager.send(path, version="*", decision="reject", product_id=product["id"])
    assert product["id"] not in other.text
    ignored = manager.send(path, version="*", decision="ignore")
    assert (ignored.status_code, "Not in the catalog" in ignored.text) == (200, True)
    assert competition.listing(listing["id"])["match_state"] == "ignored"


def test_a_source_is_made_given_a_file_and_deleted(signed_in: SignIn, competition: Competition) -> None:
    manager = signed_in("pricing_manager")
    fields = {
        "/name": "By hand",
        "/kind": "feed",
        "/feed/format": "csv",
        "/interval_seconds": "600",
        "key": "made-once",
    }
    made = manager.send("/admin/sources/new", **fields, **{"/competitor_id": competition.competitor["id"]})
    assert made.status_code == 303, text_of(made.text)
    path = made.headers["location"].partition("?")[0]
    shown = text_of(manager.see(path))
    assert competition.competitor["name"] in shown
    headers = {"X-CSRF-Token": manager.csrf()}
    empty = manager.http.post(f"{path}/feed", files={"file": ("list.csv", b"")}, headers=headers)
    assert (empty.status_code, "Choose a file with something in it" in text_of(empty.text)) == (422, True)
    for token in ("", "0" * 64):
        forged = manager.http.post(f"{path}/feed", files={"file": ("list.csv", b"x"), "csrf": (None, token)})
        assert forged.status_code == 403
    rows = {"file": ("list.csv", b"id,title,price\r\n1,Copper kettle,90.00 TRY\r\n")}
    taken = manager.http.post(f"{path}/feed", files=rows, headers=headers)
    assert (taken.status_code, taken.headers["location"]) == (303, f"{path}/feed?after=")
    outcome = taken.headers["location"]
    assert "It is here, and waits to be read" in manager.see(outcome)
    competition.read_files()
    assert "1 offer was read." in text_of(manager.see(outcome))
    assert "waits to be read" not in manager.see(outcome)
    assert "offer was read" not in manager.see(f"{path}/feed")
    odd = {"file": ("<i>odd</i>.csv", b"id,title,price\r\n1,Copper kettle,\r\n2,<b>Pan</b>,<b>9</b>\r\n")}
    outcome = manager.http.post(f"{path}/feed", files=odd, headers=headers).headers["location"]
    assert outcome != taken.headers["location"]
    assert "waits to be read" in manager.see(outcome)
    competition.read_files()
    assert "Row 2: there is no price; row 3: the currency is not given. Fix the file" in text_of(manager.see(outcome))
    assert "<b>9" not in manager.see(outcome)
    assert manager.http.get(f"/admin/sources/{competition.source['id']}/feed").status_code == 404
    assert signed_in("analyst").http.get(f"{path}/feed").status_code == 404
    version = re.search(r'name="version" value="([^"]+)"', manager.see(path))
    assert version is not None
    gone = manager.send(f"{path}/do/delete", version=version[1].replace("&#34;", '"'))
    assert (gone.status_code, gone.headers["location"]) == (303, "/admin/sources")
    assert manager.http.get(path).status_code == 404


def test_a_listing_shows_its_competitor_by_name_and_its_prices(signed_in: SignIn, competition: Competition) -> None:
    product = competition.product("Linen towel", "20.00")
    listing = competition.sell(product, (3, 18.0), (1, 19.5))
    visitor = signed_in("pricing_manager")
    html = visitor.see(f"/admin/listings/{listing['id']}")
    assert f'<a href="/admin/competitors/{competition.competitor["id"]}">{competition.competitor["name"]}</a>' in html
    assert f'<a href="/admin/market/{product["id"]}">Linen towel</a>' in html
    assert "Price 19.5" in text_of(html)
    only = visitor.see(f"/admin/listings?competitor_id={competition.competitor['id']}&match_state=matched")
    assert competition.competitor["name"] in only
    assert "Linen towel, theirs" in only
    choices = visitor.see(f"/admin/competitors/choices?q={competition.competitor['name'].lower()}")
    assert choices.count("<option") == 1
    ignored = visitor.send(f"/admin/listings/{listing['id']}/do/ignore", version="*")
    assert ignored.status_code == 303
    assert competition.listing(listing["id"])["match_state"] == "ignored"


def tag_of(html: str, path: str) -> str:
    """The version that the forms of a listing carry."""
    part = html[html.index(f'action="{path}"') :]
    found = re.search(r'name="version" value="([^"]+)"', part)
    assert found is not None
    return found[1].replace("&#34;", '"')


def test_nobody_decides_through_another_area(signed_in: SignIn) -> None:
    visitor: Visitor = signed_in("admin")
    nowhere = "00000000-0000-4000-8000-000000000000"
    assert visitor.send(f"/admin/orders/{nowhere}/decide", decision="undo").status_code == 404
    assert visitor.http.get(f"/admin/orders/{nowhere}/feed").status_code == 404
