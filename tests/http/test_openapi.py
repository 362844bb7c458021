"""The API's own description: whole, consistent, and readable without a network.

Source: docs/spec/operations.md#api-description.
"""

from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema_rs
import pytest
from litestar.routes import HTTPRoute
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from quote_service.platform.http.openapi.described import Described
from quote_service.routes import ROUTERS
from tests.http.openapi.described import Validators


@pytest.fixture(scope="module")
def document(anonymous: httpx.Client) -> dict[str, Any]:
    response = anonymous.get("/docs/openapi.json")
    assert response.headers["content-type"] == "application/json"
    found: dict[str, Any] = response.json()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for entry in value.values():
            yield from references(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from references(entry)


def test_every_route_is_described() -> None:
    undescribed = [
        f"{sorted(handler.http_methods)} {route.path}"
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if handler.http_methods != {"OPTIONS"} and not isinstance(handler.opt.get("described"), Described)
    ]
    assert undescribed == []


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(references(document)) <= known


def test_every_operation_is_whole(document: dict[str, Any]) -> None:
    seen = set()
    for name, operation in operations(document):
        assert operation["summary"], name
        assert operation["operationId"] not in seen, name
        seen.add(operation["operationId"])
        assert operation["security"], name
        is_ofrep = " /ofrep/" in name  # whose refusals have the form of that protocol
        assert any(status < "400" for status in operation["responses"]), name
        for status, response in operation["responses"].items():
            if status >= "400":
                form = "application/json" if is_ofrep else "application/problem+json"
                assert list(response["content"]) == [form], name
        if "requestBody" in operation:
            unfit = set() if is_ofrep else {"422"}
            assert {"400", "413", "415"} | unfit <= operation["responses"].keys(), name
        assert not is_ofrep or "422" not in operation["responses"], name
        if {} not in operation["security"]:
            assert {"401", "403"} <= operation["responses"].keys(), name


def test_it_is_an_openapi_document(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    assert list(OPENAPI_31_VALIDATOR.iter_errors(document)) == []
    # What that schema leaves open: every schema within is one of JSON Schema 2020-12.
    jsonschema_rs.meta.validate(
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": document["components"]["schemas"]}
    )


def test_every_operation_shows_what_is_sent_and_answered(document: dict[str, Any]) -> None:
    bare = [
        f"{name} {status} {media_type}"
        for name, operation in operations(document)
        for status, reported in {"body": operation.get("requestBody", {}), **operation["responses"]}.items()
        for media_type, content in reported.get("content", {}).items()
        if "example" not in content
    ]
    assert bare == []


def test_both_ways_of_knowing_a_caller_are_described(document: dict[str, Any]) -> None:
    schemes = document["components"]["securitySchemes"]
    assert (schemes["ApiKey"]["type"], schemes["ApiKey"]["name"]) == ("apiKey", "X-API-Key")
    assert (schemes["Bearer"]["type"], schemes["Bearer"]["scheme"]) == ("http", "bearer")


def test_the_examples_are_true(document: dict[str, Any]) -> None:
    checked = 0
    validators = Validators(document)
    for name, operation in operations(document):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for content in (content for body in bodies for content in body.get("content", {}).values()):
            if "example" in content:
                assert list(validators.of(content["schema"]).iter_errors(content["example"])) == [], name
                checked += 1
    assert checked > 10


def test_the_front_door_leads_to_the_page(anonymous: httpx.Client) -> None:
    for method in ("GET", "HEAD"):
        answer = anonymous.request(method, "/")
        assert (answer.status_code, answer.headers["location"], answer.content) == (307, "/docs", b"")
    assert anonymous.get("/", follow_redirects=True).headers["content-type"].startswith("text/html")


def test_the_document_is_packed_for_whoever_can_unpack_it(anonymous: httpx.Client) -> None:
    packed, plain = (
        anonymous.get("/docs/openapi.json", headers={"Accept-Encoding": coding}) for coding in ("gzip", "identity")
    )
    assert (packed.headers["content-encoding"], plain.headers.get("content-encoding")) == ("gzip", None)
    assert packed.content == plain.content
    assert packed.num_bytes_downloaded < len(plain.content) / 5
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
