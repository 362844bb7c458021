"""Imports and exports over HTTP, done by the running service.

Source: docs/spec/catalog.md#import-and-export.
"""

from __future__ import annotations

import csv
import http.client
import io
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from quote_service.platform.system.errors import Invalid
from quote_service.shop.catalog.model.import_rows import RECORD_BYTES_MAX, RowSplitter
from quote_service.shop.catalog.model.imports import ImportFormat
from tests.access.running import until
from tests.catalog.shop import PRODUCTS, Shop, a_price, a_product, pointers, problem

CSV, NDJSON = "text/csv", "application/x-ndjson"


def send(shop: Shop, body: Any, media_type: str = NDJSON, **headers: str) -> httpx.Response:
    return shop.http.post(f"{PRODUCTS}/import", content=body, headers={"Content-Type": media_type, **headers})


def done(shop: Shop, answer: httpx.Response) -> dict[str, Any]:
    """The import once it is done or failed."""
    assert answer.status_code == 202, answer.text
    place = answer.headers["location"]
    until(lambda: shop.shown(place)["status"] in ("done", "failed"), "the import is done")
    return shop.shown(place)


def lines(*rows: Any) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def table(*rows: dict[str, Any]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(
        {name: json.dumps(value) if isinstance(value, (list, dict)) else value for name, value in row.items()}
        for row in rows
    )
    return text.getvalue()


def counts(record: dict[str, Any]) -> tuple[Any, ...]:
    assert record["status"] == "done", record
    return record["created"], record["changed"], record["unchanged"]


def test_an_import_creates_changes_and_leaves_as_they_are(shop: Shop) -> None:
    held = [a_product(), a_product()]
    made = [shop.made(PRODUCTS, draft) for draft in held]
    moved = {**held[0], "prices": [a_price(current_price=80)]}
    new = a_product(name='Ünlü; "ayakkabı"\nyeni', variants=[{"sku": f"V-{uuid4().hex}", "name": "42"}])
    record = done(shop, send(shop, lines(moved, held[1], new)))
    assert counts(record) == (1, 1, 1)
    assert (record["rows_read"], record["errors"]) == (3, [])
    move = shop.history(made[0])[0]
    assert (move["old_price"], move["new_price"], move["reason"]) == (100, 80, "import")
    assert (move["source_id"], move["actor"]) == (record["id"], record["created_by"])
    assert shop.shown(f"{PRODUCTS}/{made[1]['id']}") == made[1]
    (created,) = shop.listed(PRODUCTS, sku=new["sku"])
    assert (created["name"], created["variants"][0]["name"], created["version"]) == (new["name"], "42", 1)
    assert [row["action"] for row in shop.audited(made[0]["id"])] == ["product.create", "product.replace"]
    assert [row["action"] for row in shop.audited(created["id"])] == ["product.create"]


def test_csv_says_the_same(shop: Shop) -> None:
    new = a_product(
        name='Ünlü, "ayakkabı"\r\nyeni', weight="0.62", is_active="TRUE", tags=["a,b", 'c"'], attributes={"size": 42}
    )
    formula = a_product(name="'=1+1", description="")
    assert counts(done(shop, send(shop, "\ufeff" + table(new, formula), CSV))) == (2, 0, 0)
    (shown,) = shop.listed(PRODUCTS, sku=new["sku"])
    assert (shown["name"], shown["weight"], shown["tags"]) == (new["name"], 0.62, new["tags"])
    assert (shown["attributes"], shown["is_active"]) == ({"size": 42}, True)
    assert shop.listed(PRODUCTS, sku=formula["sku"])[0]["name"] == "=1+1"


def test_one_bad_row_and_nothing_is_changed(shop: Shop) -> None:
    taken = shop.product(variants=[{"sku": f"V-{uuid4().hex}", "name": "42"}])
    good = a_product()
    rows = [
        good,
        a_product(name=""),
        a_product(prices=[a_price(min_price=101)]),
        a_product(category_id=str(uuid4())),
        good,
        a_product(sku=taken["variants"][0]["sku"]),
        a_product(colour="red", weight=-1),
        a_product(variants=[{"sku": good["sku"], "name": "42"}]),
    ]
    record = done(shop, send(shop, lines(*rows[:2]) + "{\n\n" + lines(*rows[2:])))
    assert (record["status"], record["created"]) == ("failed", None)
    assert [(fault["row"], fault["column"], fault["pointer"]) for fault in record["errors"]] == [
        (2, "name", "/name"),
        (3, "", ""),
        (4, "prices", "/prices/0/min_price"),
        (5, "category_id", "/category_id"),
        (6, "sku", "/sku"),
        (7, "sku", "/sku"),
        (8, "colour", "/colour"),
        (9, "variants", "/variants/0/sku"),
    ]
    assert shop.listed(PRODUCTS, sku=good["sku"]) == []


@pytest.mark.parametrize(
    ("body", "media_type", "faults"),
    [
        ("sku,colour\r\n", CSV, [(0, "colour"), (0, "name")]),
        ("sku,sku,name\r\n", CSV, [(0, "sku")]),
        ("sku,name\r\na,b,c\r\n", CSV, [(1, "")]),
        ('sku,name\r\na,"b\r\n', CSV, [(1, "")]),
        ('sku,name,prices\r\na,b,"[{"\r\n', CSV, [(1, "prices")]),
        ("sku,name,weight\r\na,b,much\r\n", CSV, [(1, "weight")]),
        (b"sku,name\r\na,\xff\r\n", CSV, [(1, "")]),
        ("[]\n", NDJSON, [(1, "")]),
        ('{"sku": "a"}', NDJSON, [(1, "name")]),
    ],
)
def test_what_cannot_be_read_is_reported_by_row_and_column(
    shop: Shop, body: str | bytes, media_type: str, faults: list[tuple[int, str]]
) -> None:
    record = done(shop, send(shop, body, media_type))
    assert record["status"] == "failed"
    assert [(fault["row"], fault["column"]) for fault in record["errors"]] == faults


def test_what_is_no_import_is_refused_at_once(shop: Shop) -> None:
    assert pointers(send(shop, b"")) == [""]
    assert problem(send(shop, b"{}", "application/json")) == (415, "unsupported-media-type")
    assert shop.http.get(f"/api/v1/imports/{uuid4()}").status_code == 404
    # What announces itself as too large is refused before a byte of it comes.
    asked = http.client.HTTPConnection(shop.http.base_url.host, shop.http.base_url.port, timeout=120)
    asked.putrequest("POST", f"{PRODUCTS}/import")
    for name, value in (("Content-Type", NDJSON), ("Content-Length", str(2**30))):
        asked.putheader(name, value)
    asked.putheader("Authorization", shop.http.headers["authorization"])
    asked.endheaders()
    assert asked.getresponse().status == 413
    asked.close()


def test_a_repeat_gets_the_first_answer_and_imports_nothing(shop: Shop) -> None:
    body, key = lines(a_product()), {"Idempotency-Key": uuid4().hex}
    first = send(shop, body, **key)
    again = send(shop, body, **key)
    assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")
    assert problem(send(shop, lines(a_product()), **key)) == (422, "idempotency-key-reused")
    assert counts(done(shop, first)) == (1, 0, 0)
    left = shop.sql("SELECT count(*) AS n FROM product_import_chunks WHERE import_id = $1", first.json()["data"]["id"])
    assert left == [{"n": 0}]


def test_an_export_imported_again_changes_nothing(shop: Shop) -> None:
    category, seller = shop.category(), shop.seller()
    shop.product(
        name="=SUM(A1)", description="'quoted\r\nlines, \"and\" more", category_id=category["id"], seller_id=seller["id"],
        is_active=False, weight="0.000001", tags=["x"], attributes={"a": 1.50, "b": [None, True, "ş"]},
        prices=[a_price(current_price=60.125, cost_price=10), {"currency": "JPY", "base_price": 5000}],
        variants=[
            {"sku": f"V-{uuid4().hex}", "name": "plain"},
            {"sku": f"V-{uuid4().hex}", "name": "own", "prices": [{"currency": "TRY", "base_price": 120}]},
            {"sku": f"V-{uuid4().hex}", "name": "follows", "prices": [
                {"currency": "TRY", "base_price": 120, "current_price": None}
            ]},
        ],
    )  # fmt: skip
    versions = "SELECT id, version FROM products ORDER BY id"
    before = shop.sql(versions)
    for form, media_type in (("csv", CSV), ("ndjson", NDJSON)):
        exported = shop.http.get(f"{PRODUCTS}/export", params={"format": form})
        assert exported.headers["content-type"].startswith(media_type)
        record = done(shop, send(shop, exported.content, media_type))
        assert counts(record) == (0, 0, len(before))
        assert shop.http.get(f"{PRODUCTS}/export", params={"format": form}).content == exported.content
    assert shop.sql(versions) == before
    assert pointers(shop.http.get(f"{PRODUCTS}/export", params={"format": "xml"})) == ["/query/format"]


def test_thousands_of_rows_in_many_pieces(shop: Shop) -> None:
    """More than one batch and one staged piece; how far it is can be read meanwhile."""
    tag = uuid4().hex
    rows = 1700

    def pieces() -> Iterator[bytes]:
        for place in range(rows):
            yield lines(a_product(sku=f"{tag}-{place}", description="ö" * 100, tags=[tag])).encode()

    answer = send(shop, pieces())
    read = []

    def is_over() -> bool:
        shown = shop.shown(answer.headers["location"])
        read.append(shown["rows_read"])
        return bool(shown["status"] == "done")

    until(is_over, "the import is done")
    assert read == sorted(read)
    assert counts(shop.shown(answer.headers["location"])) == (rows, 0, 0)
    assert len(shop.listed(PRODUCTS, q=tag, limit=200)) == rows


@pytest.mark.parametrize(
    ("form", "body", "rows"),
    [
        ("ndjson", b"\xef\xbb\xbf{1}\r\n\n {2}\n{3}", [b"{1}\r\n", b" {2}\n", b"{3}"]),
        ("csv", b'a,b\n1,"x\ny"\r\n\r\n2,"""\n"\n3', [b"a,b\n", b'1,"x\ny"\r\n', b'2,"""\n"\n', b"3"]),
        ("csv", b'a\n"open\nto the end', [b"a\n", b'"open\nto the end']),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_rows_are_cut_alike_however_they_come(form: ImportFormat, body: bytes, rows: list[bytes], size: int) -> None:
    splitter = RowSplitter(form)
    found = [row for place in range(0, len(body), size) for row in splitter.feed(body[place : place + size])]
    assert [*found, *splitter.end()] == rows


def test_a_row_without_end_is_refused() -> None:
    with pytest.raises(Invalid):
        list(RowSplitter("csv").feed(b'"' + b"x" * RECORD_BYTES_MAX))
