"""Reading and writing admin documents: exact, complete about faults, and never a crash.

Source: docs/spec/wire.md#paths-and-envelopes.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.documents.documents import (
    envelope,
    list_envelope,
    read_document,
    read_rows,
    read_value,
    write_document,
)
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.money.quantities import Amount
from quote_service.platform.system.errors import Invalid, Malformed, QuoteServiceError
from quote_service.pricing.commission.rate import RateDraft
from quote_service.pricing.flags.flag import FlagDraft
from quote_service.pricing.rule_types.delivery_fee import DeliveryFee
from quote_service.pricing.rule_types.promotion import Promotion
from quote_service.pricing.rulebook.rule import RuleDraft

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False, places=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)
FIELD_NAMES = st.sampled_from(
    [
        "name",
        "type",
        "configuration",
        "key",
        "value",
        "rate",
        "tiers",
        "split",
        "seller_id",
        "conditions",
        "rollout",
        "x/~y",
    ]
)


class Place(msgspec.Struct, forbid_unknown_fields=True):
    city: Annotated[str, msgspec.Meta(min_length=1)]
    level: int = 0


class Sample(msgspec.Struct, forbid_unknown_fields=True):
    amount: Amount
    place: Place
    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    owner: UUID | None = None
    tags: Annotated[list[Annotated[str, msgspec.Meta(max_length=3)]], msgspec.Meta(max_length=2)] | None = None
    weekdays: list[int | str] | None = None
    weights: dict[str, Amount] | None = None
    anything: Any = None


def faults_of(body: bytes, kind: Any = Sample) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        read_document(body, kind)
    return {fault.pointer: fault.detail for fault in refused.value.faults}


def refusal_of(call: Callable[[], object]) -> QuoteServiceError | None:
    try:
        call()
    except QuoteServiceError as refused:
        return refused
    return None


@pytest.mark.parametrize(
    "literal", ["0.1234567891234567811", "10.0", "10.00", "1e2", "12345678901234567890.5", '"7.50"', "0", "-0.0"]
)
def test_a_number_keeps_the_digits_that_were_written(literal: str) -> None:
    read = read_document(b'{"amount": ' + literal.encode() + b', "place": {"city": "A"}}', Sample)
    assert isinstance(read.amount, ExactNumber)
    assert read.amount == Decimal(literal.strip('"'))
    assert str(read.amount).lower().replace("+", "") == literal.strip('"')


def test_every_fault_is_named_with_its_pointer() -> None:
    body = b"""{"amount": "x", "place": {"city": "", "level": "1", "more": 1}, "at": "2025-01-01T00:00:00", "owner": "u",
               "tags": ["abcd", 5], "weekdays": [1, 2.5], "weights": {"a/b": true, "c~d": 1}, "unknown": 1}"""
    assert set(faults_of(body)) == {
        "/amount", "/place/city", "/place/level", "/place/more", "/at", "/owner", "/tags/0", "/tags/1", "/weekdays/1",
        "/weights/a~1b", "/unknown",
    }  # fmt: skip


def test_what_is_missing_is_named_at_every_level() -> None:
    assert faults_of(b'{"place": {}}') == {"/amount": "is required", "/place/city": "is required"}
    assert faults_of(b"[]") == {"": "must be an object"}


def test_a_name_given_twice_is_refused_wherever_it_stands() -> None:
    body = b'{"amount": 1, "amount": 2, "place": {"city": "A"}, "anything": [{"k": 1, "k": 1, "k": 1}]}'
    assert set(faults_of(body)) == {"/amount", "/anything/0/k"}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('"2025-01-01T00:00:00"', "a time needs its offset from UTC, or Z"),
        ('"2025-01-01T00:00:00.1234567Z"', "must not be finer than microseconds"),
        ('"0001-01-01T00:00:00+14:00"', "the instant is out of range"),
        ('"yesterday"', "is not an RFC 3339 date and time"),
    ],
)
def test_a_time_that_cannot_be_kept_is_refused(text: str, fault: str) -> None:
    assert faults_of(b'{"amount": 1, "place": {"city": "A"}, "at": ' + text.encode() + b"}") == {"/at": fault}


def test_a_time_is_read_in_utc() -> None:
    read = read_document(b'{"amount": 1, "place": {"city": "A"}, "at": "2025-01-01T03:00:00.123456+03:00"}', Sample)
    assert read.at == datetime(2025, 1, 1, 0, 0, 0, 123456, UTC)
    assert read.at is not None
    assert read.at.utcoffset() == timedelta(0)


@pytest.mark.parametrize("literal", ["1e400", "1e-400", "9" * 5000, "0." + "1" * 100])
def test_a_number_past_all_bounds_is_pointed_at(literal: str) -> None:
    for place in ("amount", "anything"):
        document = {"amount": msgspec.Raw(b"1"), "place": {"city": "A"}, place: msgspec.Raw(literal.encode())}
        assert set(faults_of(msgspec.json.encode(document))) == {f"/{place}"}


@pytest.mark.parametrize("text", [r"\u0000", r"\ud800", r"a\udc00b"])
def test_text_that_the_database_cannot_hold_is_pointed_at(text: str) -> None:
    encoded = text.encode()
    assert set(faults_of(b'{"amount": 1, "place": {"city": "' + encoded + b'"}}')) == {"/place/city"}
    assert len(faults_of(b'{"amount": 1, "place": {"city": "A"}, "anything": {"' + encoded + b'": 1}}')) == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"nul", b"NaN", b'{"amount": Infinity}', b"\xff", b'{"a": 1}}', b"\xef\xbb\xbf{}", b"[" * 100_000, b'{"a":' * 70 + b"1" + b"}" * 70],
    ids=lambda body: repr(body[:12]),
)  # fmt: skip
def test_what_is_no_json_document_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        read_document(body, Sample)


def test_the_number_of_faults_reported_is_bounded() -> None:
    body = msgspec.json.encode({"amount": 1, "place": {"city": "A"}, **{f"n{number}": 1 for number in range(5000)}})
    assert len(faults_of(body)) == 100


def test_a_part_is_read_with_the_pointer_it_stood_at() -> None:
    with pytest.raises(Invalid) as refused:
        read_value({"base_fee": "x", "per_km": True}, DeliveryFee, "/configuration")
    assert [fault.pointer for fault in refused.value.faults] == ["/configuration/base_fee", "/configuration/per_km"]


def test_rows_are_read_each_on_its_own() -> None:
    rows = read_rows(b'[{"city": "A"}, {"city": 5, "x": 1}, 7]', Place)
    assert [row.value for row in rows] == [Place("A"), None, None]
    assert [[fault.pointer for fault in row.faults] for row in rows] == [[], ["/1/city", "/1/x"], ["/2"]]
    with pytest.raises(Invalid):
        read_rows(b"{}", Place)


@given(st.binary(max_size=300))
def test_no_bytes_do_more_than_be_refused(body: bytes) -> None:
    for kind in (Sample, RateDraft, RuleDraft, FlagDraft):
        refused = refusal_of(partial(read_document, body, kind))
        assert refused is None or refused.kind in ("malformed", "invalid")


@given(st.dictionaries(FIELD_NAMES, JSON_VALUES))
def test_no_document_does_more_than_be_refused(document: dict[str, Any]) -> None:
    body = write_document(document)
    for kind in (Sample, RateDraft, RuleDraft, FlagDraft, Promotion):
        refused = refusal_of(partial(read_document, body, kind))
        if refused is not None:
            assert refused.faults
            assert all(fault.pointer == "" or fault.pointer.startswith("/") for fault in refused.faults)


@given(JSON_VALUES)
def test_any_json_comes_back_as_it_was_written(value: Any) -> None:
    class Anything(msgspec.Struct):
        value: Any

    body = write_document({"value": value})
    try:
        read = read_document(body, Anything)
    except Invalid:
        return  # text or a number that cannot be held, which has tests of its own
    assert write_document({"value": read.value}) == body


def test_answers_are_written_exactly() -> None:
    data = {
        "amount": ExactNumber("51.00"),
        "price": Decimal("0.1234567891234567811"),
        "at": datetime(2025, 1, 1, tzinfo=UTC),
        "id": UUID(int=1),
    }
    assert envelope(data, "Rate created") == (
        b'{"success":true,"message":"Rate created","data":{"amount":51.00,"price":0.1234567891234567811,'
        b'"at":"2025-01-01T00:00:00Z","id":"00000000-0000-0000-0000-000000000001"}}'
    )
    assert list_envelope([msgspec.Raw(b'{"a":1}')], None) == b'{"success":true,"data":[{"a":1}],"next_cursor":null}'
