"""What distinguishes one request from another under one key. Source: docs/spec/wire.md#idempotency-keys."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.http.idempotency.fingerprints import fingerprint_of

SCOPE: dict[str, Any] = {"path": "/api/v1/orders"}


def of(body: bytes) -> bytes:
    return fingerprint_of("POST", SCOPE, body)


@given(name=st.from_regex(r"[a-z_]{1,8}", fullmatch=True), text=st.text(max_size=12))
def test_blanks_and_escapes_make_no_difference(name: str, text: str) -> None:
    """Also for an object of one text, which is not read where it is written shortest."""
    shortest = json.dumps({name: text}, separators=(",", ":"))
    wide = json.dumps({name: text}, indent=2)
    escaped = f'{{"{name}":"' + "".join(f"\\u{unit:04x}" for unit in units(text)) + '"}'
    assert of(shortest.encode()) == of(wide.encode()) == of(escaped.encode())


@pytest.mark.parametrize(
    "other", [b'{"quote_id":"B"}', b'{"quote_is":"A"}', b'{"quote_id":["A"]}', b'["quote_id","A"]']
)
def test_what_says_something_else_differs(other: bytes) -> None:
    assert of(other) != of(b'{"quote_id":"A"}')


def units(text: str) -> list[int]:
    encoded = text.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(encoded[place : place + 2]) for place in range(0, len(encoded), 2)]
