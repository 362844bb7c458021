"""Every list that is declared is sorted, searched, counted, paged both ways and exported as its description says.

Source: docs/spec/wire.md#lists.
"""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest

from quote_service.platform.documents.renamed import without_former_names
from tests.fixtures.service import Service

_PAGES_MAX = 200


@pytest.fixture(scope="module")
def lists(service: Service, admin: httpx.Client) -> dict[str, dict[str, Any]]:
    """Parameters by name, of every declared list without a path parameter; there is something in some of them."""
    for number in range(5):
        draft = {"name": f"{'aA'[number % 2]} seller {number} {uuid4()}", "is_active": number != 3}
        assert admin.post("/api/v1/sellers", json=draft).status_code == 201
    paths = admin.get("/docs/openapi.json").json()["paths"]
    described = {path: methods["get"].get("parameters", []) for path, methods in paths.items() if "get" in methods}
    named = {path: {each["name"]: each for each in parameters} for path, parameters in described.items()}
    return {path: each for path, each in named.items() if {"total", "fields"} <= each.keys() and "{" not in path}


def pages(client: httpx.Client, path: str, **query: Any) -> list[dict[str, Any]]:
    """All rows, by way of `next_cursor`."""
    rows, asked = list[dict[str, Any]](), dict(query)
    for _ in range(_PAGES_MAX):
        answer = client.get(path, params=asked)
        assert answer.status_code == 200, answer.text
        rows += answer.json()["data"]
        if answer.json()["next_cursor"] is None:
            return rows
        asked["cursor"] = answer.json()["next_cursor"]
    return rows


def in_order(value: Any) -> Any:
    if value is None:
        return (0, 0)
    if isinstance(value, str):
        try:
            return (1, datetime.fromisoformat(value).timestamp())
        except ValueError:
            return (1, value.lower())
    return (1, value)


def test_every_list_is_sorted_by_what_it_says(admin: httpx.Client, lists: dict[str, dict[str, Any]]) -> None:
    assert "/api/v1/sellers" in lists
    for path, parameters in lists.items():
        limit = {"limit": 200}
        plain = pages(admin, path, **limit)
        for sort in parameters.get("sort", {"schema": {"enum": []}})["schema"]["enum"]:
            name = sort.removeprefix("-")
            rows = pages(admin, path, sort=sort, **limit)
            assert sorted(map(json.dumps, rows)) == sorted(map(json.dumps, plain)), (path, sort)
            found = [in_order(row[name]) for row in rows]
            assert found == sorted(found, reverse=sort.startswith("-")), (path, sort)


@pytest.mark.parametrize("sort", ["", "name", "-name", "created_at", "-updated_at"])
def test_pages_lead_on_and_back(admin: httpx.Client, lists: dict[str, dict[str, Any]], sort: str) -> None:
    query = {"limit": "2", "is_active": "true", **({"sort": sort} if sort else {})}
    seen, asked, ways = list[list[str]](), dict(query), list[str | None]()
    while True:
        answer = admin.get("/api/v1/sellers", params=asked).json()
        seen.append([row["id"] for row in answer["data"]])
        ways.append(answer["previous_cursor"])
        if answer["next_cursor"] is None:
            break
        asked["cursor"] = answer["next_cursor"]
    assert len(seen) > 1
    assert ways[0] is None
    back = ways[-1]
    for page in reversed(seen[:-1]):
        assert back is not None
        answer = admin.get("/api/v1/sellers", params={**query, "cursor": back}).json()
        assert [row["id"] for row in answer["data"]] == page
        assert answer["next_cursor"] is not None
        back = answer["previous_cursor"]
    assert back is None


def test_words_are_found_wherever_they_stand(admin: httpx.Client, lists: dict[str, dict[str, Any]]) -> None:
    mark = uuid4().hex
    made = [
        admin.post("/api/v1/sellers", json={"name": name, "external_ref": ref}).json()["data"]["id"]
        for name, ref in ((f"100% {mark} tea", None), (f"100 {mark}", f"{mark}_TEA"), (f"{mark} x", f"{mark}-coffee"))
    ]

    def found(search: str) -> list[str]:
        return [row["id"] for row in pages(admin, "/api/v1/sellers", search=search)]

    assert found(mark) == made
    assert found(f"TEA {mark}") == made[:2]
    assert found(f"{mark} 100%") == made[:1]
    assert found(f"{mark}_tea") == made[1:2]
    assert found(f"{mark} \\") == []


def test_results_are_counted(admin: httpx.Client, lists: dict[str, dict[str, Any]]) -> None:
    for path in lists:
        answer = admin.get(path, params={"total": "true", "limit": 1})
        assert answer.status_code == 200, answer.text
        assert answer.json()["total"] == {"count": len(pages(admin, path, limit=200)), "is_exact": True}, path
        assert "total" not in admin.get(path).json()


def test_a_file_has_every_row(admin: httpx.Client, lists: dict[str, dict[str, Any]]) -> None:
    for path, parameters in lists.items():
        rows = without_former_names(pages(admin, path, limit=200))
        lines = admin.get(path, params={"format": "ndjson"})
        assert lines.headers["Content-Type"].startswith("application/x-ndjson")
        read = [json.loads(line) for line in lines.text.splitlines()]
        assert [[*row] for row in read] == [[*row] for row in rows], path
        # What was kept long ago, such as the objects of the audit log, is shown as it was written.
        assert without_former_names(read) == rows, path
        table = admin.get(path, headers={"Accept": "text/csv"})
        assert table.headers["Content-Disposition"].endswith('.csv"')
        written = list(csv.DictReader(io.StringIO(table.text)))
        assert len(written) == len(rows), path
        if not rows:
            continue
        assert [*written[0]] == [*rows[0]], path
        for row, cells in zip(rows, written, strict=True):
            assert {name for name, value in row.items() if value is None} == {
                name for name, cell in cells.items() if cell == ""
            } - {name for name, value in row.items() if value == ""}, path
        chosen = [*rows[0]][:2]
        assert pages(admin, path, limit=200, fields=",".join(chosen)) == [
            {name: row[name] for name in chosen} for row in rows
        ]
        assert parameters["format"]["schema"]["enum"] == ["json", "csv", "ndjson"]


def test_formulas_are_texts_in_a_file(admin: httpx.Client, lists: dict[str, dict[str, Any]]) -> None:
    mark = uuid4().hex
    admin.post("/api/v1/sellers", json={"name": f'=HYPERLINK("{mark}")'})
    assert f'"\'=HYPERLINK(""{mark}"")"' in admin.get("/api/v1/sellers?format=csv").text


def test_periods(admin: httpx.Client, lists: dict[str, dict[str, Any]]) -> None:
    rows = pages(admin, "/api/v1/sellers", sort="created_at", limit=200)
    middle = rows[len(rows) // 2]["created_at"]
    before = pages(admin, "/api/v1/sellers", sort="created_at", created_to=middle, limit=200)
    after = pages(admin, "/api/v1/sellers", sort="created_at", created_from=middle, limit=200)
    assert [*before, *after] == rows
    assert after[0]["created_at"] == middle


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("sort=colour", "/query/sort"),
        ("sort=--name", "/query/sort"),
        ("fields=id,secret", "/query/fields"),
        ("total=perhaps", "/query/total"),
        ("format=xlsx", "/query/format"),
        ("format=csv&limit=5", "/query/limit"),
        ("created_from=2026-02-01T00:00:00Z&created_to=2026-01-01T00:00:00Z", "/query/created_to"),
        ("created_from=yesterday", "/query/created_from"),
        (f"search={'x' * 201}", "/query/search"),
        ("cursor=WyJzZWxsZXJzIl0", "/query/cursor"),
        ("colour=red", "/query/colour"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_the_parameter(
    admin: httpx.Client, lists: dict[str, dict[str, Any]], query: str, pointer: str
) -> None:
    answer = admin.get(f"/api/v1/sellers?{query}")
    assert answer.status_code == 422, answer.text
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


def test_a_cursor_is_of_one_order(admin: httpx.Client, lists: dict[str, dict[str, Any]]) -> None:
    cursor = admin.get("/api/v1/sellers?sort=name&limit=1").json()["next_cursor"]
    assert admin.get("/api/v1/sellers", params={"sort": "name", "cursor": cursor}).status_code == 200
    for other in ({}, {"sort": "-name"}, {"sort": "updated_at"}):
        assert admin.get("/api/v1/sellers", params={**other, "cursor": cursor}).status_code == 422
