"""Rows from a file: all of it or nothing, told by row. Source: docs/spec/web.md#imports."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from quote_service.shop.catalog.operations.run_import import run_next_import
from tests.access.running import RunningService, until
from tests.web.conftest import SignIn
from tests.web.signing_in import Visitor, text_of

HEADER = "commission_type,seller_id,rate,effective_from\r\n"


def bring(visitor: Visitor, area: str, content: str, key: str = "") -> str:
    """Send a file as the page does."""
    answer = visitor.http.post(
        f"/admin/{area}/import",
        data={"key": key or uuid4().hex},
        files={"file": ("rows.csv", content.encode(), "text/csv")},
        headers={"X-CSRF-Token": visitor.csrf(), "HX-Request": "true"},
    )
    assert answer.status_code in (200, 422), text_of(answer.text)
    return answer.text


def test_rates_come_from_a_file_once(service: RunningService, signed_in: SignIn) -> None:
    visitor, seller, key = signed_in("pricing_manager"), str(uuid4()), uuid4().hex
    rows = f"{HEADER}PERCENTAGE,{seller},4.5,2026-01-01T00:00:00Z\r\nPERCENTAGE,{uuid4()},5,2026-01-01T00:00:00Z\r\n"
    for _ in range(2):  # the button was pressed twice
        shown = bring(visitor, "rates", rows, key)
        assert "2 created, 0 changed" in text_of(shown)
    following = re.search(r'name="key" form="import" value="([^"]+)"', shown)
    assert following is not None
    assert following[1] != key  # the next file is another import
    held = service.http.get(
        "/api/v1/commission-rates", params={"seller_id": seller}, headers=service.as_role("admin")
    ).json()["data"]
    assert [rate["rate"] for rate in held] == [4.5]
    exported = visitor.http.get("/admin/rates/export")
    assert exported.headers["content-type"].startswith("text/csv")
    assert seller in exported.text


def test_what_is_wrong_is_reported_by_row_and_nothing_is_changed(service: RunningService, signed_in: SignIn) -> None:
    seller = str(uuid4())
    rows = f"{HEADER}PERCENTAGE,{seller},4.5,\r\nPERCENTAGE,nobody,400,\r\n"
    text = text_of(bring(signed_in("pricing_manager"), "rates", rows))
    assert "Nothing was changed" in text
    assert re.search(r"2 seller_id ", text)
    assert "line 3" in text
    held = service.http.get("/api/v1/commission-rates", params={"seller_id": seller}, headers=service.as_role("admin"))
    assert held.json()["data"] == []


def test_a_file_of_nothing_is_refused(signed_in: SignIn) -> None:
    assert "Choose a file with something in it" in text_of(bring(signed_in("admin"), "rates", ""))


def test_products_come_in_the_background(service: RunningService, signed_in: SignIn) -> None:
    visitor, sku = signed_in("pricing_manager"), f"I-{uuid4().hex[:8]}"
    shown = bring(visitor, "products", f"sku,name\r\n{sku},Imported\r\n")
    path = re.search(r'hx-get="(/admin/imports/[0-9a-f-]+)"', shown)
    assert path is not None, text_of(shown)
    service.in_database(run_next_import)
    until(lambda: "1 created" in text_of(visitor.see(path[1])), "the import to be done")
    assert sku in visitor.see(f"/admin/products?q={sku}")


@pytest.mark.parametrize("area", ["rates", "products"])
def test_whoever_may_not_write_is_offered_no_import(signed_in: SignIn, area: str) -> None:
    analyst = signed_in("analyst")
    assert analyst.http.get(f"/admin/{area}/import").status_code == 404
    assert f"/admin/{area}/import" not in analyst.see(f"/admin/{area}")
    assert analyst.http.get(f"/admin/{area}/export").status_code == 200


def test_a_file_that_comes_from_no_page_of_ours_is_refused(signed_in: SignIn) -> None:
    answer = signed_in("admin").http.post("/admin/rates/import", files={"file": ("rows.csv", b"x", "text/csv")})
    assert answer.status_code in (400, 403)
