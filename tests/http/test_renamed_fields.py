"""What is written of structs with renamed fields: what msgspec writes, with the new names beside the former ones."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.documents.documents import read_document, write_document
from quote_service.platform.documents.renamed import Renamed, with_new_names, without_former_names
from quote_service.platform.system.errors import Invalid


class Inner(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    timezone: Annotated[str | None, Renamed("time_zone")] = None
    tags: list[str] = []
    count: int = 0


class Outer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    state: Annotated[str, Renamed("status")]
    inner: Inner | None
    others: list[Inner]
    by_name: dict[str, Inner] = {}
    begin: int = msgspec.field(default=0, name="begins")
    note: str | msgspec.UnsetType = msgspec.UNSET
    anything: Any = msgspec.UNSET


texts = st.text('aé/~"', max_size=3)
inners = st.builds(Inner, timezone=st.none() | texts, tags=st.lists(texts, max_size=2), count=st.integers(0, 2))
outers = st.builds(
    Outer,
    state=texts,
    inner=st.none() | inners,
    others=st.lists(inners, max_size=3),
    by_name=st.dictionaries(texts, inners, max_size=2),
    begin=st.integers(0, 3),
    note=st.just(msgspec.UNSET) | texts,
    anything=st.just(msgspec.UNSET) | st.none() | inners | st.lists(inners, max_size=2) | st.integers(0, 3),
)


def with_former_alone(value: Any) -> Any:
    if isinstance(value, list):
        return [with_former_alone(each) for each in value]
    if isinstance(value, dict):
        return {name: with_former_alone(each) for name, each in value.items() if name not in ("status", "time_zone")}
    return value


@given(outers)
def test_nothing_else_changes(value: Outer) -> None:
    value = msgspec.structs.replace(value, by_name={f"_{name}": each for name, each in value.by_name.items()})
    written = msgspec.json.decode(write_document(value))
    assert with_former_alone(written) == msgspec.json.decode(msgspec.json.encode(value))
    assert (written["status"], "state" in written) == (value.state, True)
    assert msgspec.json.decode(write_document(with_new_names(value))) == without_former_names(written)


@given(outers.filter(lambda value: value.note is not msgspec.UNSET))
def test_what_is_written_is_read(value: Outer) -> None:
    value = msgspec.structs.replace(value, anything=None)
    assert read_document(write_document(value), Outer) == value
    assert read_document(write_document(with_new_names(value)), Outer) == value
    assert read_document(msgspec.json.encode(value), Outer) == value


def test_every_place_with_two_values_is_reported() -> None:
    body = b'{"status":"a","state":"b","inner":null,"others":[{"time_zone":"UTC","timezone":null}]}'
    with pytest.raises(Invalid) as refused:
        read_document(body, Outer)
    assert [fault.pointer for fault in refused.value.faults] == ["/status", "/others/0/time_zone"]
