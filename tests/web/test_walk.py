"""Whatever a page shows of other pages can be opened by whoever it is shown to, and weighs little. Source: docs/spec/web.md#roles."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from quote_service.platform.callers.access import Role
from quote_service.web.model.subjects.registry import SUBJECTS
from tests.access.running import RunningService
from tests.web.conftest import SignIn
from tests.web.demonstration import demonstration
from tests.web.test_pages import BYTES_MAX, HANDLERS
from tests.web.walking import furnish, walk

# Parts of pages, files, and pages that others walk: tests/web/browser/test_store.py, test_sign_in.py, test_api_reference.py.
ELSEWHERE = re.compile(
    r"^/(assets|docs|sign-in|reset-password|store)|/(stream|csv|export)$"
    r"|^/account/home$|^/admin/(playground/.+|shape|(?:products|competitors|categories|sellers)/choices|last-week/.+|rules/findings|imports/.+)$"
)


@pytest.fixture(scope="module")
def service(database_url: str, redis_url: str) -> Iterator[RunningService]:
    with demonstration(database_url, redis_url) as started:
        furnish(started)
        yield started


@pytest.mark.parametrize("role", ["admin", "pricing_manager", "analyst"])
def test_every_link_opens_for_whoever_it_is_shown_to(service: RunningService, signed_in: SignIn, role: Role) -> None:
    visitor = signed_in(role)
    walked = walk(visitor)
    assert walked.refused == {}
    assets: dict[str, int] = {}
    heavy = {}
    for kind, answer in walked.answers.items():
        weight = len(answer.content)
        for asset in set(re.findall(r'(?:src|href)="(/assets/[^"]+)"', answer.text)):
            if asset not in assets:
                assets[asset] = visitor.http.get(asset).num_bytes_downloaded
            weight += assets[asset]
        if weight > BYTES_MAX:
            heavy[kind] = weight
    assert heavy == {}
    if role == "admin":
        patterns = {
            path: re.sub(r"{\w+:\w+}", "[^/]+", path)
            for each in HANDLERS
            for path in each.paths
            if "GET" in each.http_methods
        }
        seen = [kind.split("?")[0] for kind in walked.answers]
        forgotten = [
            path
            for path, pattern in patterns.items()
            if not ELSEWHERE.search(path) and not any(re.fullmatch(pattern, kind) for kind in seen)
        ]
        assert forgotten == []
        objects = {area for area in SUBJECTS if f"/admin/{area}/-" in walked.answers}
        assert set(SUBJECTS) - objects <= {"ledger", "audit", "inventory"}
