"""Lists as people look at them: sorted by a heading, searched, paged both ways, by chosen columns, and as a file.

Source: docs/spec/web.md#lists.
"""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape
from typing import Any
from uuid import uuid4

import pytest

from tests.access.running import RunningService
from tests.web.conftest import SignIn
from tests.web.signing_in import Visitor, text_of

ROWS = 50


@pytest.fixture(scope="module")
def mark(service: RunningService) -> str:
    """A word in the names of some more sellers than a page has."""
    made = f"seller{uuid4().hex[:10]}".replace("0", "x")
    for number in range(ROWS + 3):
        draft = {"name": f"{made} {number:03d}", "region": "TR/Izmir", "is_active": number % 2 == 0}
        answer = service.http.post("/api/v1/sellers", json=draft, headers=service.as_role("admin"))
        assert answer.status_code == 201, answer.text
    return made


def names_on(page: str, mark: str) -> list[str]:
    return list(dict.fromkeys(re.findall(rf"{mark} \d{{3}}", page)))


def address(page: str, label: str) -> str:
    found = re.search(rf'href="([^"]+)"[^>]*>{re.escape(label)}<', page)
    assert found, f"no link {label}"
    return unescape(found[1])


def looked_at(visitor: Visitor, **query: Any) -> str:
    answer = visitor.http.get("/admin/sellers", params=query)
    assert answer.status_code == 200, text_of(answer.text)
    return answer.text


def test_a_heading_sorts_and_turns_round(signed_in: SignIn, mark: str) -> None:
    visitor = signed_in("admin")
    page = looked_at(visitor, search=mark)
    sorted_by_name = visitor.see(address(page, "Name"))
    assert names_on(sorted_by_name, mark) == [f"{mark} {number:03d}" for number in range(ROWS)]
    assert 'aria-sort="ascending"' in sorted_by_name
    turned = visitor.see(address(sorted_by_name, "Name"))
    assert names_on(turned, mark) == [f"{mark} {number:03d}" for number in range(ROWS + 2, 2, -1)]
    assert 'aria-sort="descending"' in turned
    # What was searched for and filtered by stays.
    assert f"search={mark}" in address(turned, "Next page")


def test_pages_lead_on_and_back_and_are_counted(signed_in: SignIn, mark: str) -> None:
    visitor = signed_in("admin")
    first = looked_at(visitor, search=mark, sort="-name")
    assert f"{ROWS + 3} sellers" in text_of(first)
    assert "Previous page" not in first
    second = visitor.see(address(first, "Next page"))
    assert names_on(second, mark) == [f"{mark} {number:03d}" for number in (2, 1, 0)]
    assert "Next page" not in second
    assert names_on(visitor.see(address(second, "Previous page")), mark) == names_on(first, mark)


def test_filters_and_words_narrow_together(signed_in: SignIn, mark: str) -> None:
    visitor = signed_in("admin")
    page = looked_at(visitor, search=f"{mark} 00", is_active="false")
    assert names_on(page, mark) == [f"{mark} {number:03d}" for number in (1, 3, 5, 7, 9)]
    assert "Nothing fits these filters" in looked_at(visitor, search=uuid4().hex)
    assert names_on(looked_at(visitor, search=mark, created_from="2020-01-01", created_to="2020-12-31"), mark) == []
    answer = visitor.http.get("/admin/sellers", params={"search": mark, "created_from": "soon"})
    assert answer.status_code == 422
    assert "Created from: " in text_of(answer.text)


def test_columns_are_chosen(signed_in: SignIn, mark: str) -> None:
    visitor = signed_in("admin")
    page = looked_at(visitor, search=mark, columns=["Name", "Region"])
    head = text_of(page[page.index("<thead>") : page.index("</thead>")])
    assert head.split() == ["Name", "Region", "Open"]
    assert "columns=Region" in address(page, "Next page")


def test_a_file_has_every_row_that_fits(signed_in: SignIn, mark: str) -> None:
    visitor = signed_in("admin")
    page = looked_at(visitor, search=mark, sort="-name", is_active="true")
    table = visitor.http.get(address(page, "Export CSV"))
    assert table.headers["Content-Disposition"] == 'attachment; filename="sellers.csv"'
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [row["name"] for row in rows] == [f"{mark} {number:03d}" for number in range(ROWS + 2, -1, -2)]
    lines = visitor.http.get(address(page, "Export NDJSON"))
    assert [json.loads(line)["name"] for line in lines.text.splitlines()] == [row["name"] for row in rows]
    assert visitor.http.get("/admin/sellers/export", params={"format": "xlsx"}).status_code == 404
    assert signed_in("user").http.get("/admin/sellers/export").status_code == 403
