"""Parts of pages that change while they are looked at. Source: docs/spec/web.md#live-parts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import httpx
import pytest
from litestar.handlers import HTTPRouteHandler

from quote_service.identity.streams.open_streams import OpenStreams
from quote_service.platform.system.errors import Overloaded, TooMany
from quote_service.platform.system.stream_places import StreamPlaces, Viewer
from quote_service.web.routes.api_events import ServerEvent, event_of
from quote_service.web.routes.gate import FOR_EVERYBODY
from quote_service.web.routes.own_api import OwnApi
from quote_service.web.routes.pages import PAGES
from quote_service.web.routes.stream_words import part_event
from tests.access.running import PATIENCE_SECONDS, RunningService, until
from tests.flash_sales.sales import OnSale, Sales
from tests.web.conftest import SignIn
from tests.web.signing_in import Visitor, text_of

Event = tuple[str, str]
BASKET = {
    "customer_id": str(uuid4()),
    "seller_id": str(uuid4()),
    "items": [{"product_id": str(uuid4()), "quantity": 3, "unit_price": 25.5}],
    "delivery_address": {"city": "Istanbul", "country": "TR"},
    "currency": "TRY",
}


@pytest.fixture(scope="module")
def sales(service: RunningService) -> Iterator[Sales]:
    with httpx.Client(base_url=service.url, headers=service.as_role("admin"), timeout=PATIENCE_SECONDS) as admin:
        yield Sales(admin, admin)


@pytest.fixture(scope="module")
def on_sale(sales: Sales) -> OnSale:
    return sales.on_sale()


STREAMS = [
    path
    for handler in PAGES
    if isinstance(handler, HTTPRouteHandler) and handler.opt.get("is_stream") and handler.opt["page"] != FOR_EVERYBODY
    for path in handler.paths
]


def stream_of(on_sale: OnSale) -> str:
    return f"/admin/flash-sales/{on_sale.id}/live/stream"


@contextmanager
def listening(visitor: Visitor, path: str) -> Iterator[Iterator[Event]]:
    """The events of a stream, each by its name with its data; comments are left out."""
    with visitor.http.stream("GET", path) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        yield _events(answer)


def _events(answer: httpx.Response) -> Iterator[Event]:
    name, data = "", list[str]()
    for line in answer.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data:"):
            data.append(line.removeprefix("data:").removeprefix(" "))
        elif not line and name:
            yield name, "\n".join(data)
            name, data = "", []


def part(events: Iterator[Event], name: str) -> str:
    """The next HTML of a part."""
    return next(data.partition("\n")[2] for kind, data in events if kind == "part" and data.partition("\n")[0] == name)


def test_a_sale_is_seen_as_it_sells(signed_in: SignIn, sales: Sales) -> None:
    on_sale = sales.on_sale()
    analyst = signed_in("analyst")
    page = analyst.see(f"/admin/flash-sales/{on_sale.id}/live")
    assert f'data-stream="{stream_of(on_sale)}"' in page
    assert "10 left of 10" in text_of(page)
    with listening(analyst, stream_of(on_sale)) as events:
        assert "10 left of 10" in text_of(part(events, "sale"))
        sales.bought(on_sale)
        # What is sold is recorded a moment later than it leaves the stock.
        assert any("9 left of 10" in text_of(part(events, "sale")) for _ in range(60))
        assert "Purchases" in text_of(part(events, "analytics"))


def test_the_overview_shows_what_goes_on(service: RunningService, signed_in: SignIn, on_sale: OnSale) -> None:
    for role in ("admin", "analyst"):
        page = signed_in(role).see("/admin")
        assert 'data-stream="/admin/overview/stream"' in page
        # What changed recently stands in the audit log, which is for admins.
        assert ("Recently changed" in page) == (role == "admin")
        assert f"/admin/flash-sales/{on_sale.id}/live" in page
    with listening(signed_in("analyst"), "/admin/overview/stream") as events:
        assert "Quotes a second" in part(events, "now")
        assert on_sale.sale["name"] in part(events, "lists")
        quoted = service.http.post("/api/v1/quote", json=BASKET, headers=service.as_role("admin"))
        assert quoted.status_code == 200, quoted.text
        # Until the stream comes to its end, after a minute.
        assert any("1 quote in a minute" in text_of(part(events, "now")) for _ in range(20))


def test_whoever_goes_away_is_not_sent_anything_more(
    service: RunningService, signed_in: SignIn, on_sale: OnSale
) -> None:
    with listening(signed_in("analyst"), stream_of(on_sale)) as events:
        part(events, "sale")
        assert len(service.parts[OpenStreams]) == 1
    until(lambda: len(service.parts[OpenStreams]) == 0, "the API's stream has ended with that of the page")


def test_a_stream_ends_with_the_right_to_it(service: RunningService, on_sale: OnSale) -> None:
    visitor, person = Visitor(service), service.new_person("analyst")
    visitor.sign_in(person)
    with listening(visitor, stream_of(on_sale)) as events:
        part(events, "sale")
        gone = service.http.delete(f"/api/v1/users/{person.id}", headers=service.as_role("admin"))
        assert gone.status_code in (200, 204)
        assert [name for name, _ in events if name != "part"] == ["again"]
    with listening(visitor, stream_of(on_sale)) as events:
        assert [name for name, _ in events] == ["signed-out"]


def test_whoever_may_not_look_is_refused(service: RunningService, signed_in: SignIn, on_sale: OnSale) -> None:
    with listening(Visitor(service), stream_of(on_sale)) as events:
        assert [name for name, _ in events] == ["signed-out"]
    assert signed_in("user").http.get(stream_of(on_sale)).status_code == 403
    analyst = signed_in("analyst")
    assert analyst.http.get(f"/admin/flash-sales/{uuid4()}/live/stream").status_code == 404
    assert analyst.http.get(f"/admin/products/{on_sale.id}/live/stream").status_code == 404
    assert analyst.http.get(f"/admin/products/{on_sale.id}/live").status_code == 404


def test_what_a_page_asks_by_itself_is_no_use_of_a_session(service: RunningService, on_sale: OnSale) -> None:
    visitor, person = Visitor(service), service.new_person("analyst")
    visitor.sign_in(person)
    of_theirs = "FROM refresh_families AS family WHERE family.id = family_id AND family.user_id = $1"
    service.rows(
        f"UPDATE page_sessions SET seen_at = seen_at - interval '10 minutes' {of_theirs} RETURNING 1", person.id
    )
    seen = (
        "SELECT seen_at FROM page_sessions JOIN refresh_families AS family ON family.id = family_id"
        " WHERE family.user_id = $1"
    )
    before = service.rows(seen, person.id)
    with listening(visitor, stream_of(on_sale)) as events:
        part(events, "sale")
    assert service.rows(seen, person.id) == before
    visitor.see("/admin")
    assert service.rows(seen, person.id) != before


def test_every_stream_of_the_admin_is_for_its_roles_alone(service: RunningService, signed_in: SignIn) -> None:
    nobody, shopper = Visitor(service), signed_in("user")
    assert "/admin/overview/stream" in STREAMS
    for path in STREAMS:
        with listening(nobody, path) as events:
            assert [name for name, _ in events] == ["signed-out"], path
        assert shopper.http.get(path).status_code == 403, path


def test_only_so_many_are_open() -> None:
    pages = StreamPlaces(in_all=10, guests_max=6)
    ada, ben = Viewer("ada", is_guest=False, at_most=2), Viewer("ben", is_guest=False, at_most=2)
    here, there, elsewhere = [Viewer(f"guests:{number}", is_guest=True, at_most=3) for number in range(3)]
    held = [pages.take(ada) for _ in range(2)]
    with pytest.raises(TooMany):
        pages.take(ada)
    held[0].close()
    held[0].close()  # once is all that it gives back
    held[0] = pages.take(ada)
    with pytest.raises(TooMany):
        pages.take(ada)
    guests = [pages.take(each) for each in (here, there) for _ in range(3)]
    with pytest.raises(TooMany):
        pages.take(here)
    with pytest.raises(Overloaded):
        pages.take(elsewhere)
    # What is kept for people is theirs, until that is used up too.
    others = [pages.take(ben) for _ in range(2)]
    with pytest.raises(Overloaded):
        pages.take(Viewer("eve", is_guest=False, at_most=2))
    del guests[0]  # as of an answer that nobody stayed for
    pages.take(elsewhere).close()
    assert len(others) == 2


@pytest.mark.parametrize(
    ("block", "event"),
    [
        (b'event: figures\ndata: {"left": 110}', ServerEvent("figures", {"left": 110})),
        (b"data: one\ndata: two", ServerEvent("", "one\ntwo")),
        (b": kept", ServerEvent()),
        (b"retry: 2000\nid: 7", ServerEvent()),
    ],
)
def test_an_event_is_read_by_its_lines(block: bytes, event: ServerEvent) -> None:
    assert event_of(block) == event


def test_a_part_arrives_as_it_was_drawn() -> None:
    assert event_of(part_event("sale", "<p>\n  data: event: x\n\n</p>")) == ServerEvent(
        "part", "sale\n<p>\n  data: event: x\n\n</p>"
    )


def test_a_stream_that_breaks_off_has_come_to_its_end() -> None:
    async def breaks(scope: object, receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b"event: one\ndata: {", "more_body": True})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b"}\n\nevent: two", "more_body": True})  # type: ignore[operator]
        raise RuntimeError("broken")

    async def hear() -> list[ServerEvent]:
        heard = await OwnApi(breaks, "", "").stream("/anything")
        return [event async for event in heard.events()]

    assert asyncio.run(hear()) == [ServerEvent("one", {})]
