"""A quote that went through any JSON library can be written again as it was signed, and a changed one cannot pass."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields

from quote_service.platform.documents.exact_json import parse_json
from quote_service.platform.money.numbers import ExactNumber
from quote_service.pricing.calculation_inputs import INPUTS, Amount, CalculationInputs, inputs_of
from quote_service.pricing.calculation_inputs import Decimal as Share
from quote_service.pricing.quote_answer import CalculationDocument, QuoteDocument
from quote_service.quotes.answer.restore_quote import NotAQuote, restore_quote
from quote_service.quotes.answer.rewrite_values import rewriter_of
from quote_service.quotes.operations.verify_quote import verify_quote
from tests.pricing.laws import laws
from tests.quotes.lifecycle.issued import (
    LIBRARIES,
    SIGNER,
    WiderWorld,
    issued_text,
    through_javascript,
    through_python,
    through_sorting,
)

WORLDS = st.integers(0, 2**48).map(WiderWorld)
NUMBERS = st.sampled_from(["10.0", "1e2", "1E+2", "-0.0", "0.000001", "1e-9", "123456789012345", "-2.50", "3", "1e20"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | TEXTS | NUMBERS.map(Decimal),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXTS | st.sampled_from(["1", "10", "2"]), inner, max_size=4)
    ),
    max_leaves=12,
)


def verdict(text: str) -> bool:
    return verify_quote(SIGNER, parse_json(text.encode()))[0].valid


@pytest.mark.parametrize("through", LIBRARIES)
@laws(150)
@given(world=WORLDS)
def test_a_quote_comes_back_as_it_was_signed(through: Callable[[str], str], world: WiderWorld) -> None:
    text = issued_text(world)
    restored = restore_quote(parse_json(through(text).encode()))
    assert SIGNER.holds(restored.signed, restored.signature)
    assert restore_quote(parse_json(restored.data)).data == restored.data


@laws(150)
@given(world=WORLDS, value=VALUES, number=NUMBERS)
def test_flags_come_back_whatever_they_hold(world: WiderWorld, value: Any, number: str) -> None:
    flags = [
        {"key": "j", "type": "JSON", "value": value, "is_enabled": True},
        {"key": "n", "type": "NUMBER", "value": Decimal(number), "is_enabled": True},
        {"key": "A", "type": "STRING", "value": '{"1.0": "1e2"}\u2028\x7f/', "is_enabled": True},
    ]
    text = issued_text(world, flags)
    for through in (through_python, through_sorting, through_javascript):
        assert verdict(through(text)), through.__name__


@pytest.mark.long("verifies a quote with each of its values changed")
@laws(15)
@given(world=WORLDS)
def test_every_changed_leaf_shows(world: WiderWorld) -> None:
    text = issued_text(world)
    document = parse_json(text.encode())
    assert verify_quote(SIGNER, document)[0].valid
    seen = 0
    for pointer, changed in changed_leaves(document):
        assert not verify_quote(SIGNER, changed)[0].valid, pointer
        seen += 1
    assert seen > 50


@laws(20)
@given(world=WORLDS)
def test_every_member_and_entry_that_goes_or_comes_shows(world: WiderWorld) -> None:
    document = parse_json(issued_text(world).encode())
    for pointer, changed in changed_shapes(document):
        assert not verify_quote(SIGNER, changed)[0].valid, pointer


def test_how_an_answer_was_found_is_no_part_of_the_price() -> None:
    document = parse_json(issued_text(WiderWorld(1)).encode())
    for tier in ("miss", "local", "redis"):
        assert verify_quote(SIGNER, {**document, "cache": tier})[0].valid
    for other in ("other", None, True):
        assert not verify_quote(SIGNER, {**document, "cache": other})[0].valid


@pytest.mark.parametrize("value", [None, [], "x", 1, {}, {"quote_id": 1}, {"signature": "a.b", "currency": "TRY"}])
def test_what_is_no_quote_is_none(value: Any) -> None:
    with pytest.raises(NotAQuote):
        restore_quote(value)


def test_the_shape_is_the_one_that_is_described() -> None:
    text = issued_text(WiderWorld(7))
    document = json.loads(text)
    always = tuple(name for name in QuoteDocument.__struct_fields__ if name not in ("discount_details", "hints"))
    assert tuple(document) == always, "nothing is taken off a line of this one, and nobody asked for hints"
    for name in always:
        without = {key: value for key, value in document.items() if key != name}
        with pytest.raises(NotAQuote):
            restore_quote(without)


@laws(60)
@given(world=WORLDS)
def test_every_object_has_the_declared_members_in_their_order(world: WiderWorld) -> None:
    assert undeclared(json.loads(issued_text(world)), QuoteDocument, "") == []


def undeclared(value: Any, kind: Any, pointer: str) -> list[str]:
    """Where a value's objects have other members than their struct declares, or in another order."""
    if isinstance(value, list):
        return [each for place, entry in enumerate(value) for each in undeclared(entry, kind, f"{pointer}/{place}")]
    if not isinstance(value, dict) or not issubclass(kind, msgspec.Struct):
        return []
    hints = get_type_hints(kind, include_extras=True)
    faults = [] if list(value) == [name for name in hints if name in value] else [f"{pointer}: {list(value)}"]
    faults += [f"{pointer}/{field.name}" for field in fields(kind) if field.required and field.name not in value]
    for name, entry in value.items():
        held = INPUTS[value["step"]] if name == "inputs" else struct_in(hints.get(name, object))
        faults += undeclared(entry, held, f"{pointer}/{name}")
    return faults


def struct_in(hint: Any) -> Any:
    """The struct that a member holds, or a list of; `object` where it holds none."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return hint
    held = [struct_in(each) for each in get_args(hint)]
    return next((each for each in held if each is not object), object)


def test_a_step_declares_its_own_inputs() -> None:
    @inputs_of("toll")
    class TollInputs(CalculationInputs, gc=False):
        axles: int
        toll: Amount
        share: Share | msgspec.UnsetType = msgspec.UNSET

    try:
        rewrite = rewriter_of(CalculationDocument)
        step = {"inputs": {"share": Decimal("0.50"), "toll": 3, "axles": Decimal("2.0")}, "step": "toll"}
        document = {**step, "amount": Decimal("1.5"), "description": "a toll"}
        expected = '{"step":"toll","description":"a toll","amount":1.50,"inputs":{"axles":2,"toll":3.00,"share":0.5}}'
        assert rewrite(document, "", 2, {}) == expected
        with pytest.raises(NotAQuote) as refused:
            rewrite({**document, "inputs": {"axles": 2, "toll": Decimal("3.001")}}, "", 2, {})
        assert refused.value.pointer == "/inputs/toll"
    finally:
        del INPUTS["toll"]


def changed_leaves(document: Any) -> Iterator[tuple[str, Any]]:
    """The document with one leaf changed, for each leaf and each way of changing it but those that mean the same."""
    for path, leaf in leaves(document, ()):
        if path == ("cache",):
            continue
        for other in others(leaf):
            changed = copy.deepcopy(document)
            holder = changed
            for step in path[:-1]:
                holder = holder[step]
            holder[path[-1]] = other
            yield f"{path} {leaf!r} -> {other!r}", changed


def leaves(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, dict):
        for name, entry in value.items():
            yield from leaves(entry, (*path, name))
    elif isinstance(value, list):
        for place, entry in enumerate(value):
            yield from leaves(entry, (*path, place))
    else:
        yield path, value


def others(leaf: Any) -> list[Any]:
    if leaf is None:
        return ["x", 0, False]
    if isinstance(leaf, bool):
        return [not leaf, None]
    if isinstance(leaf, (int, Decimal)):
        return [
            ExactNumber(leaf + 1),
            ExactNumber(-leaf) if leaf else 1,
            ExactNumber(str(leaf + Decimal("0.000001"))),
            None,
            str(leaf),
        ]
    return [leaf + "x", leaf[:-1] if leaf else "y", None, 1, True]


def changed_shapes(document: Any) -> Iterator[tuple[str, Any]]:
    """The document with one member or entry gone, doubled or added."""
    for path, container in containers(document, ()):
        if isinstance(container, dict):
            for name in container:
                yield (
                    f"{path} without {name}",
                    at(document, path, {key: each for key, each in container.items() if key != name}),
                )
            yield f"{path} with more", at(document, path, {**container, "more": 1})
        else:
            yield f"{path} with more", at(document, path, [*container, container[-1] if container else "x"])
            if container:
                yield f"{path} with less", at(document, path, container[1:])
            if len(container) > 1 and container[0] != container[1]:
                yield f"{path} in another order", at(document, path, [container[1], container[0], *container[2:]])


def containers(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, (dict, list)):
        yield path, value
        entries = value.items() if isinstance(value, dict) else enumerate(value)
        for name, entry in entries:
            yield from containers(entry, (*path, name))


def at(document: Any, path: tuple[Any, ...], replacement: Any) -> Any:
    if not path:
        return replacement
    copied = copy.copy(document)
    copied[path[0]] = at(document[path[0]], path[1:], replacement)
    return copied
