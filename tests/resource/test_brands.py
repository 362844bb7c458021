"""An entity that is added in two files, used over HTTP, and taken away.

Source: docs/adding.md#an-entity.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from litestar import Litestar

from quote_service import routes
from quote_service.platform.documents.documents import write_document
from quote_service.platform.http.openapi.openapi import openapi_document
from quote_service.platform.resource.resource import Resource
from quote_service.platform.settings import Settings
from tests.access.running import RunningService, running
from tests.house import code_lines
from tests.resource.added import brands as added

PATH = "/api/v1/brands"
TABLE = """
CREATE TABLE brands (
    id uuid PRIMARY KEY, name text NOT NULL UNIQUE, country text, aliases text[] NOT NULL, launched_at timestamptz,
    is_active boolean NOT NULL, version integer NOT NULL DEFAULT 1, created_by text NOT NULL,
    created_at timestamptz NOT NULL, changed_by text NOT NULL, updated_at timestamptz NOT NULL
);
CREATE TABLE branded (brand_id uuid NOT NULL REFERENCES brands);
"""


@pytest.fixture(scope="module")
def service(settings: Settings) -> Iterator[RunningService]:
    async def add_table() -> None:
        connection = await asyncpg.connect(settings.database_url)
        try:
            await connection.execute(TABLE)
        finally:
            await connection.close()

    asyncio.run(add_table())
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(routes, "ROUTERS", (*routes.ROUTERS, added.ROUTER))
            service = stack.enter_context(running(settings))
        yield service


@pytest.fixture(scope="module")
def admin(service: RunningService) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service.url, timeout=60, headers=service.as_role()) as client:
        yield client


def created(admin: httpx.Client, **draft: Any) -> dict[str, Any]:
    answer = admin.post(PATH, json={"name": f"brand {uuid4()}", **draft})
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["data"])


def every_page(client: httpx.Client, **query: Any) -> list[dict[str, Any]]:
    rows, asked = list[dict[str, Any]](), dict(query)
    for _ in range(100):
        answer = client.get(PATH, params=asked)
        assert answer.status_code == 200, answer.text
        rows += answer.json()["data"]
        asked["cursor"] = answer.json()["next_cursor"]
        if asked["cursor"] is None:
            return rows
    raise AssertionError("it pages for ever")


def test_it_is_two_files_of_a_hundred_lines() -> None:
    files = [Path(added.__file__), Path(added.__file__).with_name("brand_model.py")]
    assert sum(code_lines(file.read_text("utf-8")) for file in files) <= 100


def test_a_life(admin: httpx.Client, service: RunningService) -> None:
    name = f"Kaya {uuid4()}"
    draft = {"name": name, "country": "TR", "aliases": ["b", "a", "b"], "launched_at": "2020-01-01T00:00:00Z"}
    key = {"Idempotency-Key": str(uuid4())}
    made = admin.post(PATH, json=draft, headers=key)
    assert made.status_code == 201, made.text
    record, tag = made.json()["data"], made.headers["ETag"]
    assert made.json()["message"] == "Brand created"
    assert made.headers["Location"] == f"{PATH}/{record['id']}"
    assert (record["initial"], record["aliases"], record["version"]) == ("K", ["a", "b"], 1)
    again = admin.post(PATH, json=draft, headers=key)
    assert again.content == made.content
    assert again.headers["Idempotent-Replayed"] == "true"
    at = made.headers["Location"]
    shown = admin.get(at)
    assert (shown.json()["data"], shown.headers["ETag"]) == (record, tag)

    # What is shown may be sent back, and says nothing new.
    same = admin.put(at, json=record, headers={"If-Match": tag})
    assert (same.status_code, same.headers["ETag"]) == (200, tag)
    replaced = admin.put(at, json={"name": name, "country": "DE"}, headers={"If-Match": tag})
    assert replaced.status_code == 200, replaced.text
    assert (replaced.json()["data"]["version"], replaced.json()["data"]["aliases"]) == (2, [])
    assert admin.put(at, json={"name": name}, headers={"If-Match": tag}).status_code == 412
    changed = admin.patch(at, json={"is_active": False})
    assert changed.json()["data"] | {"updated_at": ""} == replaced.json()["data"] | {
        "is_active": False,
        "version": 3,
        "updated_at": "",
    }
    assert admin.patch(at, json={}).headers["ETag"] == changed.headers["ETag"]
    assert admin.patch(at, json={"country": "DEU"}).json()["errors"][0]["pointer"] == "/country"
    assert admin.put(at, json={"country": "DE"}).json()["errors"][0]["pointer"] == "/name"

    assert admin.delete(at, headers={"If-Match": tag}).status_code == 412
    assert admin.delete(at).status_code == 204
    assert admin.get(at).json()["detail"] == "There is no such brand"
    assert admin.get(at).status_code == 404
    audited = service.audited(record["id"])
    assert [row["action"] for row in audited] == ["brand.delete", "brand.change", "brand.replace", "brand.create"]
    assert audited[0]["before"]["version"] == 3
    assert audited[0]["after"] is None
    assert [audited[2][side]["country"] for side in ("before", "after")] == ["TR", "DE"]


def test_what_its_constraints_refuse_changes_nothing(admin: httpx.Client, service: RunningService) -> None:
    one, other = created(admin), created(admin)
    assert admin.put(f"{PATH}/{one['id']}", json={"name": other["name"]}).status_code == 409
    service.rows("INSERT INTO branded VALUES ($1) RETURNING 1", one["id"])
    assert admin.delete(f"{PATH}/{one['id']}").status_code == 409
    assert admin.get(f"{PATH}/{one['id']}").json()["data"] == one
    assert [row["action"] for row in service.audited(one["id"])] == ["brand.create"]


def test_who_may(service: RunningService) -> None:
    asked: dict[str, Any] = {"json": {"name": str(uuid4())}}
    assert service.http.post(PATH, **asked).status_code == 401
    assert service.http.post(PATH, **asked, headers=service.as_role("analyst")).status_code == 403
    assert service.http.get(PATH, headers=service.as_role("analyst")).status_code == 200
    assert service.http.get(PATH, headers=service.as_role("user")).status_code == 403


@pytest.mark.parametrize("sort", [way + name for name in added.BRANDS.sorts for way in ("", "-")])
def test_a_list_is_paged_by_each_sort_to_its_end(admin: httpx.Client, sort: str) -> None:
    mark = uuid4().hex
    launches = (None, "2020-01-01T00:00:00.000001Z", None, "1999-12-31T23:59:59Z", None)
    for number, launched_at in enumerate(launches):
        country = ("TR", None, "DE")[number % 3]
        created(admin, name=f"{number} {mark}", launched_at=launched_at, country=country, is_active=number != 2)
    rows = every_page(admin, sort=sort, search=mark, limit=1)
    assert len({row["id"] for row in rows}) == len(rows) == len(launches)
    assert rows == every_page(admin, sort=sort, search=mark)
    values = [row[sort.removeprefix("-")] for row in rows]
    nulls = [value for value in values if value is None]
    assert values[: len(nulls)] == nulls or values[-len(nulls) :] == nulls
    found = [value for value in values if value is not None]
    assert found == sorted(found, reverse=sort.startswith("-"))
    last = admin.get(PATH, params={"sort": sort, "search": mark, "limit": 4}).json()["next_cursor"]
    back = admin.get(PATH, params={"sort": sort, "search": mark, "limit": 4, "cursor": last}).json()["previous_cursor"]
    asked = {"sort": sort, "search": mark, "limit": 4, "cursor": back}
    assert admin.get(PATH, params=asked).json()["data"] == rows[:4]


def test_a_list_is_filtered_counted_and_exported(admin: httpx.Client) -> None:
    mark = uuid4().hex
    for number in range(3):
        created(admin, name=f"{number} {mark}", aliases=[f"alias {number % 2} {mark}"], is_active=number != 1)
    query = {"search": mark, "sort": "-name"}
    assert [row["name"][0] for row in every_page(admin, **query)] == ["2", "1", "0"]
    assert [row["name"][0] for row in every_page(admin, **query, is_active="false")] == ["1"]
    assert [row["name"][0] for row in every_page(admin, **query, alias=f"alias 0 {mark}")] == ["2", "0"]
    total = admin.get(PATH, params={**query, "total": "true", "limit": 1}).json()["total"]
    assert total == {"count": 3, "is_exact": True}
    table = admin.get(PATH, params={**query, "format": "csv", "fields": "name,initial,aliases"})
    assert [*csv.reader(io.StringIO(table.text))][1] == [f"2 {mark}", "2", json.dumps([f"alias 0 {mark}"])]
    lines = admin.get(PATH, params=query, headers={"Accept": "application/x-ndjson"}).text.splitlines()
    assert [json.loads(line)["name"][0] for line in lines] == ["2", "1", "0"]


def test_it_is_described(admin: httpx.Client) -> None:
    # Of these routes alone: what a process answers is made by another one, of the package.
    app = Litestar([added.ROUTER], openapi_config=None)
    document = json.loads(write_document(openapi_document(app)))
    routes_of_it = {path: each for path, each in document["paths"].items() if path.startswith(PATH)}
    assert {path: sorted(each) for path, each in routes_of_it.items()} == {
        PATH: ["get", "post"],
        f"{PATH}/{{brand_id}}": ["delete", "get", "patch", "put"],
    }
    assert {"name": "Brands", "description": "What products are sold under."} in document["tags"]
    sorts = next(each for each in routes_of_it[PATH]["get"]["parameters"] if each["name"] == "sort")
    assert sorts["schema"]["enum"][:2] == ["name", "-name"]
    one = routes_of_it[f"{PATH}/{{brand_id}}"]
    assert one["patch"]["summary"] == "Update a brand"
    patch = document["components"]["schemas"]["BrandPatch"]
    assert patch["required"] == []
    assert patch["properties"]["country"]["description"].startswith("ISO 3166-1")
    body = one["put"]["requestBody"]["content"]["application/json"]["example"]
    assert admin.post(PATH, json={**body, "name": str(uuid4())}).status_code == 201
    shown = one["get"]["responses"]["200"]["content"]["application/json"]["example"]["data"]
    assert {*shown} == {*document["components"]["schemas"]["BrandRecord"]["required"]}


def test_it_is_gone_when_it_is_taken_away(settings: Settings) -> None:
    with running(settings) as service:
        assert service.http.get(PATH, headers=service.as_role()).status_code == 404


def test_nothing_of_the_package_knows_it() -> None:
    assert [each.many for each in Resource.every if each.record.__module__.startswith("tests.")] == ["brands"]
