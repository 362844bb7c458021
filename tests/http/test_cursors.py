"""The query of a list: limits, cursors and filters, and what is refused of them.

Source: docs/spec/wire.md#lists.
"""

from datetime import UTC, datetime
from typing import Literal
from urllib.parse import quote
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.http.cursors import Page, read_page, write_cursor
from quote_service.platform.system.errors import Invalid

# mypy takes `tuple[...]` for a type where it stands, not by a name of it.
KEY: type[tuple[datetime, UUID]] = tuple[datetime, UUID]


class RateFilters(msgspec.Struct, frozen=True):
    seller_id: UUID | None = None
    is_active: bool | None = None
    region: str | None = None
    commission_type: Literal["FLAT", "TIERED"] | None = None


def page_of(query: bytes) -> Page[RateFilters, tuple[datetime, UUID]]:
    return read_page(query, "rates", RateFilters, KEY)


def only_refused(query: bytes) -> bool:
    """Whether a query is read, or refused with pointers into it."""
    try:
        page_of(query)
    except Invalid as refused:
        return all(fault.pointer.startswith("/query") for fault in refused.faults)
    return True


def pointers_of(query: bytes) -> list[str]:
    with pytest.raises(Invalid) as refused:
        page_of(query)
    return [fault.pointer for fault in refused.value.faults]


def test_nothing_asked_is_the_first_fifty() -> None:
    assert page_of(b"") == (RateFilters(), 50, None)


def test_filters_are_read_as_their_types() -> None:
    page = page_of(
        b"seller_id=00000000-0000-0000-0000-000000000001&is_active=false&region=TR%2F%C4%B0stanbul&limit=200"
    )
    assert page.filters == RateFilters(seller_id=UUID(int=1), is_active=False, region="TR/İstanbul")
    assert page.limit == 200


@given(st.datetimes(timezones=st.just(UTC)), st.uuids())
def test_a_cursor_brings_its_key_back(at: datetime, identifier: UUID) -> None:
    cursor = write_cursor("rates", (at, identifier))
    assert page_of(f"cursor={cursor}".encode()).after == (at, identifier)


@given(st.text(max_size=100))
def test_a_cursor_may_hold_any_text(name: str) -> None:
    cursor = write_cursor("names", (name, 7))
    page = read_page(f"cursor={cursor}".encode(), "names", RateFilters, tuple[str, int]) if "\x00" not in name else None
    assert page is None or page.after == (name, 7)


@pytest.mark.parametrize("limit", ["0", "201", "-1", "1.5", "x", "", "٣", "99999999999999999999"])
def test_a_limit_out_of_bounds_is_pointed_at(limit: str) -> None:
    assert pointers_of(f"limit={quote(limit)}".encode()) == ["/query/limit"]


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "%00", "AAAA", "é", write_cursor("flags", (1,)), write_cursor("rates", ("x", "y")), write_cursor("rates", ()), "A" * 2000],
)  # fmt: skip
def test_a_cursor_that_is_none_of_this_list_is_pointed_at(cursor: str) -> None:
    assert pointers_of(f"cursor={quote(cursor, safe='%')}".encode()) == ["/query/cursor"]


def test_all_that_is_wrong_is_named() -> None:
    query = b"limit=0&seller_id=x&is_active=maybe&colour=red&region=a&region=b&commission_type=OTHER&a%2Fb=1"
    assert sorted(pointers_of(query)) == [
        "/query/a~1b", "/query/colour", "/query/commission_type", "/query/is_active", "/query/limit", "/query/region",
        "/query/seller_id",
    ]  # fmt: skip


@given(st.binary(max_size=200))
def test_no_query_does_more_than_be_refused(query: bytes) -> None:
    assert only_refused(query)


@given(st.binary(max_size=100))
def test_no_cursor_does_more_than_be_refused(cursor: bytes) -> None:
    assert only_refused(b"cursor=" + cursor.replace(b"&", b""))


class _Since(msgspec.Struct, frozen=True):
    since: datetime | None = None


@pytest.mark.parametrize("number", [b"0", b"5", b"0.5", b"-1", b"1700000000", b"1e3"])
def test_a_time_is_no_number(number: bytes) -> None:
    """A number would be read as seconds since 1970, which no description says."""
    with pytest.raises(Invalid) as refused:
        read_page(b"since=" + number, "rates", _Since, KEY)
    assert [fault.pointer for fault in refused.value.faults] == ["/query/since"]
    assert read_page(b"since=2026-01-01T00:00:00Z", "rates", _Since, KEY).filters == _Since(
        datetime(2026, 1, 1, tzinfo=UTC)
    )
