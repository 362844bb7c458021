"""The API reference before its script runs, and what it is made of. Source: docs/spec/web.md#api-reference."""

from __future__ import annotations

import gzip
import hashlib
import re

import httpx

from quote_service.web.rendering.assets import FOLDER, read_assets
from tests.access.running import RunningService
from tests.web.signing_in import text_of
from tests.web.test_pages import WITHOUT_SCRIPT

VENDOR = FOLDER / "vendor"
# The page, the scripts of Swagger UI, and the description that they read, as they are sent.
BYTES_MAX = 900_000


def test_everybody_sees_every_operation_of_the_description(service: RunningService) -> None:
    shown = service.http.get("/docs")
    assert (shown.status_code, shown.headers["content-type"]) == (200, "text/html; charset=utf-8")
    page_text = text_of(shown.text)
    document = service.http.get("/docs/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert f"{method.upper()} {operation['summary']}" in page_text, (method, path)
            assert f'/{operation["operationId"]}"' in shown.text
    assert text_of(service.http.get("/docs/").text) == page_text


def test_it_needs_no_exception_from_the_policy_of_pages(service: RunningService) -> None:
    shown = service.http.get("/docs")
    policy = shown.headers["content-security-policy"]
    assert policy.startswith(WITHOUT_SCRIPT)
    assert "unsafe" not in policy
    assert not re.search(r"<script(?! src=)|<style|\sstyle=|\son[a-z]+=|javascript:", shown.text)
    assert not re.search(r'(src|href)="(https?:)?//', shown.text)


def test_what_it_loads_has_a_budget(service: RunningService) -> None:
    shown = service.http.get("/docs")
    loaded = re.findall(r'(?:src|href)="(/assets/[^"]+)"', shown.text)
    answers: list[httpx.Response] = [service.http.get(path) for path in [*loaded, "/docs/openapi.json"]]
    assert all(answer.headers["content-encoding"] == "gzip" for answer in answers)
    assert len(shown.content) + sum(answer.num_bytes_downloaded for answer in answers) <= BYTES_MAX


def test_code_of_others_is_as_it_was_published() -> None:
    reported = re.findall(r"^\| `([^`]+)` .*\| `([0-9a-f]{64})` \|$", (VENDOR / "README.md").read_text("utf-8"), re.M)
    assert {name for name, _ in reported} == {
        file.name for file in VENDOR.iterdir() if file.suffix in (".js", ".gz", ".css")
    }
    for name, digest in reported:
        found = (VENDOR / name).read_bytes()
        assert hashlib.sha256(gzip.decompress(found) if name.endswith(".gz") else found).hexdigest() == digest
    for licence in re.findall(r"`([^`]+\.(?:LICENSE|NOTICE|txt))`", (VENDOR / "README.md").read_text("utf-8")):
        assert (VENDOR / licence).stat().st_size > 50


def test_a_file_that_lies_packed_is_served_as_any_other(service: RunningService) -> None:
    asset = read_assets()["vendor/swagger-ui.css"]
    assert service.http.get(asset.path, headers={"Accept-Encoding": "identity"}).content == asset.body
    assert gzip.decompress(asset.packed) == asset.body
