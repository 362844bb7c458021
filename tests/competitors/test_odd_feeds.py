"""Feeds as people and their spreadsheets write them: one odd row spoils no other, whatever it holds.

Source: docs/spec/competitors.md#feeds.
"""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.intelligence.competitors.model.reading.read_feed import FeedJob, read_feed
from quote_service.intelligence.competitors.model.reading.read_rows import ROW_FIELDS, RowsRead, read_rows
from quote_service.intelligence.competitors.operations.read_uploads import read_upload
from quote_service.intelligence.competitors.operations.write_source import receive_upload
from tests.competitors.watching import Watch

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
GOOD = {"id": "good", "price": "9 EUR"}
ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals()
    | st.text(max_size=20)
    | st.sampled_from(
        ["9" * 5000, "0" * 5000, "\u00b2", "9999-12-31/9999-12-31", "/", "DE:::", "DE::x:1e999 EUR,", "0 ml", "1/0 kg"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["value", "country", "price", "a"]), inner)
    ),
    max_leaves=4,
)


def read(body: bytes, content_type: str = "text/csv", **fields: Any) -> RowsRead:
    return read_feed(FeedJob(body=body, content_type=content_type, format=fields.pop("format", "csv"), at=AT, **fields))


@given(st.dictionaries(st.sampled_from(sorted({name for names in ROW_FIELDS.values() for name in names})), ODD))
def test_whatever_a_row_holds_the_others_are_read(odd: dict[str, Any]) -> None:
    reported = read_rows([("row 1", odd), ("row 2", GOOD)], {}, "EUR", AT, "DE")
    assert "good" in {each.external_id for each in reported.offers}
    assert len(reported.offers) + reported.refused == 2


def test_units_in_stock_may_have_many_digits() -> None:
    rows = [{**GOOD, "availability": "9" * 5000}, {**GOOD, "id": "none", "availability": "0" * 5000}]
    reported = read("\n".join(map(json.dumps, rows)).encode(), format="ndjson")
    assert {each.external_id: each.availability for each in reported.offers} == {
        "good": "in_stock",
        "none": "out_of_stock",
    }


def test_two_long_ids_that_begin_alike_are_not_one() -> None:
    longest = "a" * 500
    reported = read(f"id,price\n{longest},9 EUR\n{longest}b,8 EUR\n{longest}c,7 EUR\n".encode())
    assert [str(each.price) for each in reported.offers] == ["9.000000"]
    assert reported.reasons == [f"row {row}: its id is longer than 500 characters" for row in (3, 4)]


@pytest.mark.parametrize(
    ("body", "content_type", "title", "price"),
    [
        ("id;title;price\nA;K\u00fcche;9,90 \u20ac\n".encode("cp1252"), "text/csv", "K\u00fcche", "9.900000"),
        ("id;title;price\nA;K\u00fcche;9,90 \u20ac\n".encode(), "text/csv", "K\u00fcche", "9.900000"),
        ("id;title;price\nA;K\u00fcche;9,90 \u20ac\n".encode("utf-16"), "text/csv", "K\u00fcche", "9.900000"),
        ("id;title;price\nA;\u015fi\u015fe;9,90 TL\n".encode("cp1254"), "text/csv; charset=windows-1254", "\u015fi\u015fe", "9.900000"),
        # One letter is broken where the others are UTF-8.
        ("id;title;price\nA;K\u00fcche \u00e4\u00f6".encode() + b"\xfc;9,90 \xe2\x82\xac\n", "text/csv", "K\u00fcche \u00e4\u00f6\ufffd", "9.900000"),
        ("id;title;price\nA;K\u00fcche;9,90 EUR\n".encode("cp1252"), "text/csv; charset=utf-8", "K\ufffdche", "9.900000"),
    ],
)  # fmt: skip
def test_a_feed_is_decoded_as_it_was_written(body: bytes, content_type: str, title: str, price: str) -> None:
    (offer,) = read(body, content_type).offers
    assert (offer.title, str(offer.price)) == (title, price)


async def test_an_upload_may_be_packed(watch: Watch) -> None:
    outcomes = []
    rows = b"id,price\nA,9 EUR\n"
    for body in (gzip.compress(rows), gzip.compress(rows)[:-9], gzip.compress(bytes(40 << 20))):
        source = await watch.source("feed", {"format": "csv"})
        async with watch.database.transaction() as connection:
            await receive_upload(connection, source, "text/csv", body)
        while await read_upload(watch.database, watch.reader):
            pass
        (fetch,) = await watch.fetches(source)
        outcomes.append((fetch.outcome, fetch.detail, fetch.offers))
    assert outcomes == [
        ("ok", "", 1),
        ("parse_error", "it breaks off", 0),
        ("parse_error", f"it is longer than {32 << 20} bytes", 0),
    ]
