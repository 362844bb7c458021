"""What holds for every page: whom it is for, what it may load, how much it weighs. Source: docs/spec/web.md#pages."""

from __future__ import annotations

import logging
import re
import socket
from uuid import UUID

import httpx
import pytest
from litestar.handlers import HTTPRouteHandler
from structlog.testing import capture_logs

from quote_service.web.model.subjects.registry import SUBJECTS
from quote_service.web.rendering.assets import read_assets
from quote_service.web.routes.gate import FOR_EVERYBODY, PageAccess
from quote_service.web.routes.pages import PAGES
from tests.access.running import RunningService, until
from tests.web.conftest import SignIn
from tests.web.signing_in import Visitor, text_of

HANDLERS = [handler for handler in PAGES if isinstance(handler, HTTPRouteHandler)]
WITHOUT_SCRIPT = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"
SHOWN = [
    "/admin",
    "/admin/playground",
    "/admin/style",
    "/account",
    "/admin/analytics",
    "/admin/change-sets/new",
    "/admin/rules/new",
    "/admin/rules/new?type=PROMOTION",
    "/admin/rules/timeline",
    "/admin/rules/check",
    "/admin/rates/new",
    "/admin/flags/new?type=STRING",
    *(f"/admin/{area}" for area in SUBJECTS),
]
BYTES_MAX = 120_000
NOWHERE = str(UUID(int=0))


def paths(method: str) -> list[tuple[str, PageAccess]]:
    return [
        (re.sub(r"{\w+:uuid}", NOWHERE, path), handler.opt["page"])
        for handler in HANDLERS
        if method in handler.http_methods
        for path in sorted(handler.paths)
        if not path.startswith("/assets") and not handler.opt.get("is_stream")  # tests/web/test_streams.py
    ]


@pytest.mark.parametrize("handler", HANDLERS, ids=lambda handler: handler.fn.__name__)
def test_every_page_says_whom_it_is_for(handler: HTTPRouteHandler) -> None:
    assert isinstance(handler.opt.get("page"), PageAccess)


@pytest.mark.parametrize(("path", "access"), [each for each in paths("GET") if each[1] != FOR_EVERYBODY])
def test_a_page_is_shown_to_its_roles_alone(
    service: RunningService, signed_in: SignIn, path: str, access: PageAccess
) -> None:
    assert Visitor(service).http.get(path).status_code == 303
    for role in ("admin", "pricing_manager", "analyst", "user"):
        status = signed_in(role).http.get(path).status_code
        assert (status != 403) == (role in access.roles), (role, status)


@pytest.mark.parametrize("path", ["/sign-in", *SHOWN])
def test_a_page_runs_nothing_that_is_not_a_file_of_ours(signed_in: SignIn, service: RunningService, path: str) -> None:
    visitor = Visitor(service) if path == "/sign-in" else signed_in("admin")
    answer = visitor.http.get(path)
    assert answer.headers["content-security-policy"].startswith(WITHOUT_SCRIPT)
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert not re.search(r"<script(?! src=)|<style|\sstyle=|\son[a-z]+=|javascript:", answer.text)
    loaded = set(re.findall(r'(?:src|href)="(/assets/[^"]+)"', answer.text))
    assert len(loaded) >= 4
    weight = len(answer.content)
    for asset in loaded:
        got = visitor.http.get(asset)
        assert (got.status_code, got.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
        weight += got.num_bytes_downloaded
    assert weight <= BYTES_MAX


def test_a_file_of_another_release_is_not_kept_for_long(service: RunningService) -> None:
    answer = service.http.get("/assets/0000000000000000/style.css")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
    for path in ("/assets/0/nothing.css", "/assets/0/../../app.py", "/assets/0/%2e%2e/%2e%2e/app.py"):
        assert service.http.get(path).status_code == 404


def test_a_file_is_packed_for_whoever_can_unpack_it(service: RunningService) -> None:
    path = read_assets()["style.css"].path
    packed = service.http.get(path, headers={"Accept-Encoding": "gzip"})
    plain = service.http.get(path, headers={"Accept-Encoding": "identity"})
    assert (packed.headers["content-encoding"], plain.headers.get("content-encoding")) == ("gzip", None)
    assert packed.content == plain.content == read_assets()["style.css"].body


def test_every_file_has_its_own_path() -> None:
    assets = read_assets()
    assert {"style.css", "page.js", "theme.js", "vendor/htmx.min.js"} <= assets.keys()
    assert len({asset.path for asset in assets.values()}) == len(assets)


def test_a_page_that_is_not_there_says_so(signed_in: SignIn) -> None:
    answer = signed_in("admin").http.get("/admin/nothing")
    assert answer.status_code == 404
    assert "No such page" in text_of(answer.text)


def test_a_shopper_is_notified_that_the_admin_is_not_for_shoppers(signed_in: SignIn) -> None:
    answer = signed_in("user").http.get("/admin")
    assert answer.status_code == 403
    assert "not for the role Shopper" in text_of(answer.text)


def test_a_part_that_is_refused_is_a_part(signed_in: SignIn) -> None:
    visitor = signed_in("user")
    answer = visitor.http.get("/admin/playground", headers={"HX-Request": "true"})
    assert answer.status_code == 403
    assert "<html" not in answer.text


def test_who_leaves_in_the_middle_of_a_form_is_no_fault_of_ours(
    service: RunningService, caplog: pytest.LogCaptureFixture
) -> None:
    """As a browser does whose page asks again before it has sent what it asked for."""
    caplog.set_level(logging.INFO, "quote_service.requests")
    address = httpx.URL(service.url)
    head = "POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 99\r\n\r\n"
    with capture_logs() as lines:
        with socket.create_connection((address.host, address.port)) as connection:
            connection.sendall(f"{head}email=".encode())
        until(lambda: any(each["event"] == "request" for each in lines), "the request is over")
    assert [(each["event"], each["log_level"]) for each in lines if each.get("path") == "/sign-in"] == [
        ("request", "info")
    ]
