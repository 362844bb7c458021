"""`Prefer`, as RFC 7240 has it. Source: RFC 7240, 2 and 4.4."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.http.protocol.preferences import prefers
from quote_service.platform.http.protocol.request_heads import RequestHead
from tests.pricing.laws import laws

STRICT = [
    ["handling=strict"],
    ["Handling=Strict"],
    ["HANDLING = strict"],
    ['handling="strict"'],
    ['handling="s\\trict"'],
    ["respond-async, handling=strict"],
    ["respond-async", "handling=strict"],
    ["handling=strict, handling=lenient"],
    ["handling=strict; of=basket; x"],
    ['note="a, handling=lenient", handling=strict'],
    [",, ,handling=strict"],
]
LENIENT = [
    [],
    [""],
    ["handling"],
    ["handling=lenient"],
    ["handling=lenient, handling=strict"],
    ["handling=lenient", "handling=strict"],
    ['handling="",handling=strict'],
    ["xhandling=strict"],
    ["handling=stricter"],
    ["respond-async; handling=strict"],
    ['note="handling=strict"'],
    ['note=", handling=strict'],
    ["strict"],
]


@pytest.mark.parametrize("fields", STRICT, ids=str)
def test_strict_handling_is_asked_for(fields: list[str]) -> None:
    assert RequestHead([(b"prefer", field.encode()) for field in fields]).is_strict


@pytest.mark.parametrize("fields", LENIENT, ids=str)
def test_nothing_of_the_kind_is_asked_for(fields: list[str]) -> None:
    assert not RequestHead([(b"prefer", field.encode()) for field in fields]).is_strict


@laws(300)
@given(st.lists(st.text('handlingstrict=",;\\ ', max_size=40).map(str.encode), max_size=4))
def test_nothing_that_is_sent_breaks_it(fields: list[bytes]) -> None:
    assert prefers([b"handling=strict", *fields], "handling", "strict")
    assert prefers([b"handling=lenient", *fields], "handling", "strict") is False


def test_what_nobody_prefers_is_not_read() -> None:
    assert prefers([b"handling=strict" + b" " * 4000], "handling", "strict")
    assert not prefers([b"handling=strict" + b" " * 5000], "handling", "strict")
