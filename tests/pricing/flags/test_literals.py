"""Numbers in flags come out as they went in.

Source: docs/spec/feature-flags.md#types-and-values.
"""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.documents.documents import read_document, write_document
from quote_service.platform.documents.exact_documents import parse_exact
from quote_service.platform.documents.literals import json_literal
from quote_service.pricing.flags.compiled_flag import compile_flag
from quote_service.pricing.flags.flag import FlagDraft
from tests.pricing.flags.flags import NOW_US, decide

LITERALS = [
    "10",
    "10.0",
    "1e2",
    "1E+2",
    "1E2",
    "1e-7",
    "0.0000001",
    "0.10",
    "-0",
    "-0.0",
    "0e0",
    "12345678901234567890",
    "1.5e300",
]


@pytest.mark.parametrize("literal", LITERALS)
def test_a_literal_survives_reading_storing_and_answering(literal: str) -> None:
    body = f'{{"key": "k", "type": "NUMBER", "value": {literal}, "is_enabled": true}}'.encode()
    draft = read_document(body, FlagDraft)
    stored = json_literal(draft.value)
    assert stored == literal
    assert json_literal(parse_exact(stored)) == literal
    assert write_document({"value": draft.value}) == f'{{"value":{literal}}}'.encode()
    assert decide(compile_flag(draft, 1, NOW_US)).value == literal
    nested = f'{{"a":[{literal},{{"b":{literal}}}]}}'
    assert json_literal(parse_exact(nested)) == nested


NUMBERS = st.from_regex(r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?", fullmatch=True)


@given(NUMBERS)
def test_every_literal_survives(literal: str) -> None:
    number = parse_exact(literal)
    assert json_literal(number) == literal
    for copied in (copy.deepcopy(number), pickle.loads(pickle.dumps(number))):
        assert json_literal(copied) == literal
