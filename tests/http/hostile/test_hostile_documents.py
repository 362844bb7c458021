"""Hostile bodies and filters: no failure of ours, nothing told that is not theirs, nothing taken that cannot be kept.

What is attacked comes from the service's own description, so a new route, field or parameter is on the list by itself.

Source: docs/spec/wire.md#errors; docs/spec/access.md#bounds-on-requests.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.access.running import code_of
from tests.http.hostile.sending import JSON, harmless, send
from tests.http.hostile.shapes import Operation, with_each

pytestmark = pytest.mark.long("every field of every operation, with every hostile value")

DROP = "'; DROP TABLE commission_rates; --"
ALWAYS_TRUE = "' OR '1'='1"
TEXTS = {
    "drop": DROP,
    "always true": ALWAYS_TRUE,
    "union": "x') UNION SELECT password_hash FROM users --",
    "sleep": "1; SELECT pg_sleep(60)",
    "dollar": "$1 $$ ; COPY users TO PROGRAM 'id' --",
    "path": "../../../../etc/passwd",
    "template": "{0.__class__.__mro__} %s%n ${jndi:ldap://127.0.0.1/a} {{7*7}}",
    "lines": "a\r\nSet-Cookie: admin=1\r\n\r\n<script>alert(1)</script>",
}
UNKEEPABLE = {"NUL": "a\x00b", "half a surrogate pair": "\ud800", "the other half": "x\udfff"}
NUMBERS = {
    "1e400": "1e400",
    "-1e400": "-1e400",
    "1e999999999": "1e999999999",
    "five thousand digits": "9" * 5000,
    "10^400": "1" + "0" * 400,
}
NO_NUMBERS = ("NaN", "Infinity", "-Infinity", "0x10", "1_000", "01", "+1", ".5", "1.", "1e")
DEEP = 10_000
# These answer 200 or 202 with what is wrong with their parts, and keep nothing of those.
SAYS_WHAT_IS_WRONG = {"verify_issued_quote", "quote_baskets", "report_events"}


@pytest.fixture(scope="module")
def with_body(operations: list[Operation]) -> list[Operation]:
    found = [operation for operation in operations if operation.example is not None]
    assert len(found) >= 20
    return found


def in_fields(
    operations: list[Operation], kind: type | tuple[type, ...], value: str, each: int, turn: int
) -> Iterator[tuple[Operation, str, Any]]:
    """The value in every field, or where there are many alike in one of `each`, so that each field has its share of them."""
    number = 0
    for operation in operations:
        for place, body in with_each(operation.example, kind, value):
            if number % each == turn % each:
                yield operation, place, body
            number += 1


@pytest.mark.parametrize("name", TEXTS)
def test_hostile_text_in_every_field_is_text(admin: httpx.Client, with_body: list[Operation], name: str) -> None:
    text, taken = TEXTS[name], 0
    written = json.dumps(text)[1:-1]
    for operation, _, body in in_fields(with_body, str, text, 2, list(TEXTS).index(name)):
        answer = send(admin, operation, body)
        if answer.status_code == 201 and written in answer.text:
            taken += 1
            # Kept as it was written, and given back so.
            assert written in admin.get(answer.headers["location"]).text
    assert admin.get("/api/v1/commission-rates").status_code == 200
    assert taken >= 1, "nothing of it was kept, so nothing was seen of how it is kept"


@pytest.mark.parametrize("name", TEXTS)
def test_hostile_text_in_every_filter_finds_nothing(
    admin: httpx.Client, operations: list[Operation], name: str
) -> None:
    asked = 0
    for operation in operations:
        for query in operation.queries:
            # With an end that nobody has written, so that even the rows of other tests are not what is found.
            answer = admin.request(operation.method, operation.nowhere, params={query: TEXTS[name] + str(uuid4())})
            harmless(answer)
            assert answer.status_code >= 400 or found(answer.json()["data"]) == [], (operation.name, query, answer.text)
            asked += 1
    assert asked > 30


def found(data: Any) -> Any:
    """What a list holds, or a report tells figures of."""
    return data if isinstance(data, list) else data.get("currencies", data.get("flags"))


@pytest.mark.parametrize("name", UNKEEPABLE)
def test_text_that_no_database_holds_is_refused(admin: httpx.Client, with_body: list[Operation], name: str) -> None:
    each = 1 if name == "NUL" else 2
    for operation, place, body in in_fields(with_body, str, UNKEEPABLE[name], each, list(UNKEEPABLE).index(name)):
        answer = send(admin, operation, body)
        if operation.name not in SAYS_WHAT_IS_WRONG:
            assert answer.status_code in (400, 422), (operation.name, place, answer.text)


@pytest.mark.parametrize("name", UNKEEPABLE)
def test_names_that_no_database_holds_are_refused(admin: httpx.Client, with_body: list[Operation], name: str) -> None:
    for operation in with_body:
        if isinstance(operation.example, dict) and operation.name != "issue_quote":  # which reads no further names
            answer = send(admin, operation, {**operation.example, UNKEEPABLE[name]: 1})
            if operation.name not in SAYS_WHAT_IS_WRONG:
                assert answer.status_code in (400, 422), (operation.name, answer.text)


@pytest.mark.parametrize("name", NUMBERS)
def test_huge_numbers_are_refused(admin: httpx.Client, with_body: list[Operation], name: str) -> None:
    for operation, place, body in in_fields(with_body, (int, float), "@", 2, list(NUMBERS).index(name)):
        answer = send(admin, operation, json.dumps(body).replace('"@"', NUMBERS[name]))
        if operation.name not in SAYS_WHAT_IS_WRONG:
            assert answer.status_code >= 400, (operation.name, place, answer.text)


@pytest.mark.parametrize("literal", NO_NUMBERS)
def test_what_is_no_number_is_no_json(admin: httpx.Client, with_body: list[Operation], literal: str) -> None:
    for operation, place, body in in_fields(with_body, (int, float), "@", 3, NO_NUMBERS.index(literal)):
        answer = send(admin, operation, json.dumps(body).replace('"@"', literal))
        assert answer.status_code == 400, (operation.name, place, answer.text)


@pytest.mark.parametrize(
    "body",
    [
        *("[" * DEEP, '{"a":' * DEEP, "[" * DEEP + "]" * DEEP, '{"a":' * DEEP + "1" + "}" * DEEP),
        *('[{"a":' * DEEP, '{"items":' + "[" * DEEP + "]" * DEEP + "}", "[" * 500_000),
    ],
    ids=["lists", "objects", "whole lists", "whole objects", "both", "in a field", "half a million"],
)
def test_deep_documents_are_refused(admin: httpx.Client, with_body: list[Operation], body: str) -> None:
    for operation in with_body:
        answer = send(admin, operation, body)
        unreadable = "PARSE_ERROR" if operation.path.startswith("/ofrep/") else "malformed-json"
        # What is taken without credentials may be short alone.
        refusals = {(400, unreadable), (413, "body-too-large")}
        assert (answer.status_code, code_of(answer)) in refusals, operation.name


@pytest.mark.parametrize(
    "body",
    [
        b"\x00",
        b"\xff\xfe",
        b"{",
        b'{"a":1}{"a":2}',
        b"\xef\xbb\xbf{}",
        b'{"a":"\xff"}',
        "{}".encode("utf-16"),
        b"null x",
    ],
)
def test_what_is_no_json_is_refused(admin: httpx.Client, with_body: list[Operation], body: bytes) -> None:
    for operation in with_body:
        assert send(admin, operation, body).status_code in (400, 422), operation.name


def test_names_that_stand_twice_are_refused(admin: httpx.Client, with_body: list[Operation]) -> None:
    """One reader takes the first, another the last: whoever checks must read as whoever acts."""
    for operation in with_body:
        if isinstance(operation.example, dict):
            name = next(iter(operation.example))
            body = json.dumps(operation.example)[:-1] + f", {json.dumps(name)}: {json.dumps(operation.example[name])}}}"
            if operation.name not in SAYS_WHAT_IS_WRONG:
                assert send(admin, operation, body).status_code in (400, 422), operation.name


def test_long_texts_are_refused_where_they_are_kept(admin: httpx.Client, with_body: list[Operation]) -> None:
    long = "x" * 900_000  # the whole is still within what a body may have
    for operation in with_body:
        for place, body in with_each(operation.example, str, long):
            answer = send(admin, operation, body)
            # Of a basket some are let pass: they are bounded by the body, and never kept as rows.
            assert answer.status_code < 300 or len(answer.content) < 10_000, (operation.name, place)
            if operation.path.startswith("/api/v1/quote") or operation.name in SAYS_WHAT_IS_WRONG:
                continue
            assert answer.status_code >= 400, (operation.name, place)


# Bodies of many rows, which may be as large as a file, and what takes as long as an import.
IMPORTS = {
    "write_sku_map",
    "push_observations",
    "add_source",
    "edit_source",
    "upload_feed",
    "import_many",
    "roll_back_prices",
}


@pytest.mark.parametrize("size", [1 << 20, 2 << 20], ids=["1 MiB", "2 MiB"])
@pytest.mark.parametrize("in_chunks", [False, True], ids=["", "in chunks"])
def test_large_bodies_are_refused(admin: httpx.Client, with_body: list[Operation], size: int, in_chunks: bool) -> None:
    body = b'{"a":"' + b"x" * size + b'"}'
    for operation in with_body:
        content: Any = iter([body[:70_000], body[70_000:]]) if in_chunks else body
        answer = send(admin, operation, content)
        # Imports take more, and then find no rows in it.
        is_import = operation.takes_csv or operation.name in IMPORTS
        assert answer.status_code == (422 if is_import else 413), (operation.name, answer.text)


@pytest.mark.parametrize(
    "media_type",
    [
        *("text/plain", "application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"),
        *("application/json; charset=utf-16", "application/json;charset=latin-1", "application/jsonp", "json", "*/*"),
        *("application/json, text/plain", "text/plain; application/json", "application/vnd.x+json", ""),
    ],
)
def test_other_types_are_refused(admin: httpx.Client, with_body: list[Operation], media_type: str) -> None:
    for operation in with_body:
        answer = send(admin, operation, operation.example, {"Content-Type": media_type})
        assert answer.status_code == 415, (operation.name, answer.text)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, identity", "x"])
def test_compressed_bodies_are_refused(admin: httpx.Client, with_body: list[Operation], encoding: str) -> None:
    for operation in with_body:
        answer = send(admin, operation, b"\x1f\x8b\x08", {**JSON, "Content-Encoding": encoding})
        assert answer.status_code == 415, operation.name
