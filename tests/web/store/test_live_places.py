"""Guests of one address leave room for others, and all guests for people. Source: docs/spec/web.md#live-parts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import msgspec

from quote_service.platform.settings import Settings
from tests.access.running import running, until
from tests.web.signing_in import Visitor
from tests.web.store.shopping import Store

STREAM = "/store/stream"


def test_guests_of_one_address_leave_room_for_people(store: Store) -> None:
    limits = {"page_streams": 5, "page_streams_guests": 3, "page_streams_address": 2, "rate_limit_guests": None}
    with running(msgspec.structs.replace(store.service.parts[Settings], **limits)) as small, ExitStack() as opened:
        guests = [Visitor(small) for _ in range(3)]
        until(lambda: guests[0].http.get("/store").status_code == 200, "the store is open")
        streams, pieces = ExitStack(), list[Iterator[bytes]]()
        with streams:
            for guest in guests[:2]:
                answer = streams.enter_context(guest.http.stream("GET", STREAM))
                assert answer.status_code == 200
                pieces.append(answer.iter_bytes())  # kept: what is let go of hangs up
                next(pieces[-1])
            refused = guests[2].http.get(STREAM)
            assert (refused.status_code, int(refused.headers["retry-after"]) > 0) == (429, True)
            person = Visitor(small)
            person.sign_in(small.new_person("admin"))
            assert opened.enter_context(person.http.stream("GET", "/admin/overview/stream")).status_code == 200

        def has_room() -> bool:
            with guests[2].http.stream("GET", STREAM) as again:
                return again.status_code == 200

        until(has_room, "there is room again where guests have left")
