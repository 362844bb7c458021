"""The quick way to read a row is the thorough way, only quicker."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quote_service.platform.documents.documents import read_value
from quote_service.platform.documents.exact_json import parse_json
from quote_service.rulebook.commission_rates.model.rate_records import RateRow
from quote_service.rulebook.commission_rates.routes.import_rows import read_plain_row
from tests.commission_rates.rates import a_rate, tiered

LITERALS = (
    *("null", "true", "false", "[]", "{}", "[null]", '{"a":1}', '""', '"x"', r'"\u0000"', r'"\ud800"'),
    *("0", "1", "-1", "1.5", "10.0", "1e2", "1e400", "1e-99", "1" * 70),
    *('"1"', '"1.50"', '"1_0"', '" 1"', '"NaN"', '"1e400"'),
    *('"TRY"', '"LINE"', '"FLAT"', '"0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"', '"0199A1B2C3D47E5F8A9B0C1D2E3F4A5B"'),
    *('"2026-01-01T00:00:00Z"', '"2026-01-01T00:00:00.123456Z"', '"2026-01-01T00:00:00.1234567Z"'),
    *('"2026-01-01T00:00:00"', '"2026-01-01T00:00:00+03:00"', '"2026-01-01t00:00:00z"', '"2026-01-01 00:00:00Z"'),
    *('"2026-01-01T00:00Z"', '"0001-01-01T00:00:00+03:00"', '"9999-12-31T23:59:59-01:00"', '"2026-02-30T00:00:00Z"'),
    *('[{"rate":1}]', '[{"up_to":5,"rate":1},{"rate":"2"}]', '[{"up_to":5}]', '[{"rate":1,"rate":2}]'),
    *('{"seller":85}', '{"seller":"x"}', '{"shopper":1}', '{"seller":1,"seller":2}', '{"seller":null}'),
)
FIELDS = (*RateRow.__struct_fields__, "unknown")


def check(body: str) -> None:
    """Hold the quick way against the thorough one."""
    row: Any = parse_json(body.encode())
    quick = read_plain_row(row)
    if quick is not None:
        thorough = read_value(row, RateRow)
        assert quick == thorough
        assert repr(quick) == repr(thorough)


@pytest.mark.parametrize("rate", [a_rate(effective_to="2027-01-01T00:00:00.5Z", min_amount="1.50"), tiered()])
def test_ordinary_rows_are_read_quickly(rate: dict[str, Any]) -> None:
    row = parse_json(json.dumps(rate).encode())
    quick = read_plain_row(row)
    assert quick is not None
    assert quick == read_value(row, RateRow)


@pytest.mark.parametrize("field", FIELDS)
def test_each_kind_of_value_in_each_field(field: str) -> None:
    others = {"commission_type": '"PERCENTAGE"', "rate": "5"}
    for literal in LITERALS:
        check(object_of({**others, field: literal}))


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(LITERALS)))
def test_whatever_is_sent(fields: dict[str, str]) -> None:
    check(object_of(fields))


def object_of(fields: dict[str, str]) -> str:
    return "{" + ",".join(f'"{name}":{literal}' for name, literal in fields.items()) + "}"
