"""Signals as pages: sentences, evidence, and who has seen them. Source: docs/spec/web.md#signals."""

from __future__ import annotations

from uuid import UUID

import pytest

from quote_service.platform.settings import Settings
from quote_service.web.model.signals.sentences import KINDS, ROLES, SUBJECTS, describe_signal
from quote_service.web.model.subjects.intelligence import SIGNAL_KINDS
from tests.access.running import RunningService
from tests.signals.stored import Stored
from tests.web.competition import Competition
from tests.web.conftest import SignIn
from tests.web.signing_in import text_of
from tests.web.test_streams import listening


@pytest.fixture(scope="module")
def competition(service: RunningService) -> Competition:
    return Competition(service, "Bazaar")


@pytest.fixture(scope="module")
def stored(service: RunningService) -> Stored:
    return Stored(service.parts[Settings].database_url)


def test_every_kind_has_words_and_a_sentence(service: RunningService) -> None:
    schemas = service.http.get("/docs/openapi.json").json()["components"]["schemas"]
    kinds = schemas["SignalRecord"]["properties"]["kind"]["enum"]
    evidence = schemas["Evidence"]["properties"]
    assert set(kinds) == set(SIGNAL_KINDS) == set(KINDS)
    assert (set(evidence["role"]["enum"]), set(evidence["subject"]["enum"])) == (set(ROLES), set(SUBJECTS))
    bare = {"measured": None, "previous_price": None, "price": None, "currency": None}
    for kind in kinds:
        assert describe_signal({"kind": kind, **bare}, "").partition(" ")[2] not in ("", kind)


def test_a_signal_is_reported_with_its_names_and_acknowledged_once(
    signed_in: SignIn, competition: Competition, stored: Stored
) -> None:
    product = competition.product("Oak table", "400.00")
    listing = competition.sell(product, (1, 390.0))
    signal = stored.signal(
        "competitor_price_drop",
        UUID(product["id"]),
        competitor_id=UUID(competition.competitor["id"]),
        listing_id=UUID(listing["id"]),
    )
    analyst, manager = signed_in("analyst"), signed_in("pricing_manager")
    path = f"/admin/signals/{signal}"
    sentence = f"{competition.competitor['name']} asks 20 % less: 100.00 before, 80.00 EUR now"
    shown = analyst.see(f"/admin/signals?product_id={product['id']}")
    assert (sentence in text_of(shown), "I have seen it" in shown) == (True, False)
    whole = text_of(manager.see(path))
    assert sentence in whole
    assert "Told from 15 % on" in whole
    assert analyst.send(f"{path}/acknowledge", note="mine").status_code == 403
    seen = manager.send(f"{path}/acknowledge", note="We hold our price.")
    assert (seen.status_code, "We hold our price." in text_of(seen.text)) == (200, True)
    late = signed_in("admin").send(f"{path}/acknowledge", note="Another view")
    assert (late.status_code, 'role="alert"' in late.text) == (409, True)
    assert sentence not in text_of(manager.see(f"/admin/signals?product_id={product['id']}"))
    assert sentence in text_of(manager.see(f"/admin/signals?status=acknowledged&product_id={product['id']}"))
    assert manager.http.get("/admin/signals?kind=nothing").status_code == 422
    assert manager.send(f"/admin/orders/{signal}/acknowledge").status_code == 404


def test_the_list_follows_what_happens(signed_in: SignIn, competition: Competition, stored: Stored) -> None:
    product = competition.product("Pine shelf", "60.00")
    signal = stored.signal("price_war", UUID(product["id"]), measured=4)
    manager = signed_in("pricing_manager")
    path = f"?product_id={product['id']}"
    assert f'data-stream="/admin/signals/stream{path}' in manager.see(f"/admin/signals{path}").replace("kind=&amp;", "")
    with listening(manager, f"/admin/signals/stream{path}&status=open") as events:
        name, html = next(events)
        assert (name, html.partition("\n")[0]) == ("part", "signals")
        assert "undercut each other 4 times" in text_of(html)
        assert signed_in("admin").send(f"/admin/signals/{signal}/acknowledge").status_code == 200
        assert any("No such signal" in text_of(html) for _, html in events)
    assert signed_in("user").http.get("/admin/signals/stream").status_code == 403


def test_a_threshold_is_made_by_a_form(signed_in: SignIn, competition: Competition) -> None:
    product = competition.product("Ash chair", "90.00")
    manager = signed_in("pricing_manager")
    fields = {
        "/kind": "competitor_price_drop",
        "/product_id": product["id"],
        "/threshold": "8",
        "key": "threshold-once",
    }
    made = manager.send("/admin/signal-thresholds/new", **fields)
    assert made.status_code == 303, text_of(made.text)
    page = text_of(manager.see(made.headers["location"]))
    assert "Competitor price drop" in page
    assert "Ash chair" in page
    wrong = manager.send("/admin/signal-thresholds/new", **{**fields, "/count": "4", "key": "threshold-wrong"})
    assert (wrong.status_code, "does not belong to" in text_of(wrong.text)) == (422, True)
