"""What waits, on the overview. Source: docs/spec/web.md#overview."""

from __future__ import annotations

from tests.access.running import RunningService
from tests.web.competition import Competition
from tests.web.conftest import SignIn
from tests.web.deciding import learn, suggest
from tests.web.signing_in import text_of


def suggested(service: RunningService, competition: Competition, name: str) -> str:
    """A price that waits to be accepted; the id of its decision."""
    product = competition.product(name, "100.00", cost=70)
    policy = {"product_id": product["id"], "currency": "TRY", "mode": "suggest", "floor_price": 80}
    competition.make("price-policies", {**policy, "highest_margin_percent": 60})
    learn(service, product["id"], -1.5, 100_00)
    return str(suggest(service, product["id"]))


def test_prices_that_wait_for_a_person_are_counted_and_the_newest_named(
    service: RunningService, signed_in: SignIn
) -> None:
    visitors = [signed_in(role) for role in ("admin", "pricing_manager", "analyst")]
    assert "None waits for a person" in text_of(visitors[0].see("/admin"))
    competition = Competition(service, "Lakeside")
    decision, other = (suggested(service, competition, name) for name in ("<i>Oak</i> table", "Pine table"))
    for visitor in visitors:
        page = visitor.see("/admin")
        assert "2 to accept" in text_of(page)
        assert "&lt;i&gt;Oak&lt;/i&gt; table" in page
        assert f"/admin/decisions/{decision}" in page
        assert 'href="/admin/decisions?status=suggested"' in page
        assert 'href="/admin/decisions?status=held"' not in page
    headers = service.as_role("admin") | {"If-Match": "*"}
    refused = service.http.post(f"/api/v1/decisions/{other}/reject", json={}, headers=headers)
    assert refused.status_code == 200, refused.text
    assert "1 to accept" in text_of(visitors[2].see("/admin"))
