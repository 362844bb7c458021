"""The event bus as a page, for admins. Source: docs/spec/web.md#event-bus."""

from __future__ import annotations

from quote_service.platform.settings import Settings
from tests.access.running import RunningService
from tests.signals.stored import Stored
from tests.web.conftest import SignIn
from tests.web.signing_in import text_of
from tests.web.walking import dead_letter

_CHECKED = (
    "INSERT INTO event_bus_reach (is_away, since, checked_at, detail) "
    "VALUES ($1, now() - interval '2 days', now() - make_interval(secs => $2), $3) "
    "ON CONFLICT (one) DO UPDATE SET is_away = excluded.is_away, since = excluded.since, checked_at = excluded.checked_at, "
    "detail = excluded.detail"
)


def test_dead_letters_are_counted_tried_again_and_discarded(service: RunningService, signed_in: SignIn) -> None:
    letter = Stored(service.parts[Settings].database_url).ask(dead_letter)
    admin = signed_in("admin")
    page = text_of(admin.see("/admin/event-bus"))
    assert "Waiting to be published" in page
    assert "behaviour 0 1 Try all again" in page
    tried = admin.send("/admin/event-bus", consumer_group="behaviour")
    assert "0 events are tried again" in text_of(tried.text)  # what is no event stays dead
    path = f"/admin/dead-letters/{letter}"
    assert "it is no event" in text_of(admin.see(path))
    refused = admin.send(f"{path}/do/retry")
    assert (refused.status_code, 'role="alert"' in refused.text) == (409, True)
    gone = admin.send(f"{path}/do/discard")
    assert (gone.status_code, gone.headers["location"]) == (303, "/admin/dead-letters")
    assert admin.http.get(path).status_code == 404
    for role in ("pricing_manager", "analyst"):
        visitor = signed_in(role)
        assert visitor.http.get("/admin/event-bus").status_code == 403
        assert visitor.http.get("/admin/dead-letters").status_code == 403


def test_a_bus_that_is_away_is_said_before_anything_else(service: RunningService, signed_in: SignIn) -> None:
    stored, admin = Stored(service.parts[Settings].database_url), signed_in("admin")

    def find(*, is_away: bool, seconds: int = 1, detail: str | None = None) -> str:
        stored.ask(lambda connection: connection.execute(_CHECKED, is_away, seconds, detail))
        return text_of(admin.see("/admin/event-bus"))

    away = find(is_away=True, detail="Redis <b>gave</b> no answer in time")
    assert "Redis has not answered since" in away
    assert "Redis <b>gave</b> no answer in time. Nothing is lost" in away
    found = find(is_away=False)
    assert "answers since" in found
    assert "has not answered" not in found
    # What was found a while ago is nothing that is known.
    for is_away in (True, False):
        unknown = find(is_away=is_away, seconds=90)
        assert "Nobody has asked Redis since" in unknown
        assert "has not answered" not in unknown
