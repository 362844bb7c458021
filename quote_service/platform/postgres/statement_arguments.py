"""What a declared statement is sent: its parameters by number, in the order of the signature, or by name.

By number, a struct or named tuple is spread into its fields, a sequence of them into an array a field, a mapping into its
keys and values, a tuple into what it is of. A statement that wants less, or in another order, names what it wants: `$draft.name`, `$change.at`,
`$lines.quantity` for the array of it, `$sums.key.currency` and `$sums.value` of a mapping. These are numbered in the order
of the signature too.

Source: docs/decisions/statements.md.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, get_origin

from quote_service.platform.postgres.statement_types import attribute_of, element_of, fields_of, items_of, without_none

_NUMBER = re.compile(r"\$(\d+)")
_PATH = re.compile(r"\$([a-z]\w*(?:\.\w+)*)")
_COMMENT = re.compile(r"--[^\n]*")
_EACH = "_each"
Convert = Callable[[Any], Any]


@dataclass(frozen=True)
class Argument:
    """One parameter: the expression over the function's parameters, the names it uses, and its type.

    `type` is None where a function of ours makes what is sent; that of the elements, where `is_array`.
    """

    path: str
    expression: str
    type: Any
    is_array: bool = False
    names: Mapping[str, Any] = field(default_factory=dict)


def arguments_of(
    text: str, parameters: Mapping[str, Any], converted: Mapping[str, Convert]
) -> tuple[str, tuple[Argument, ...]]:
    """The statement with numbers, and what to send.

    Raises:
        TypeError: The statement and the parameters do not fit.
    """
    code = _COMMENT.sub("", text)
    numbers = {int(number) for number in _NUMBER.findall(code)}
    named = list(dict.fromkeys(_PATH.findall(code)))
    if numbers and named:
        raise TypeError(f"parameters are numbered or named, not both: {named}")
    if named and {path.partition(".")[0] for path in named} != set(parameters):
        raise TypeError(f"the statement has {named}, the function {list(parameters)}")
    order = list(parameters)
    paths = sorted(named, key=lambda path: order.index(path.partition(".")[0])) or list(_spread(parameters, converted))
    if not named and numbers != set(range(1, len(paths) + 1)):
        raise TypeError(f"the statement has ${max(numbers, default=0)}, the function {paths}")
    if not converted.keys() <= set(paths):
        raise TypeError(f"there is no {converted.keys() - set(paths)} to convert")
    places = {path: number for number, path in enumerate(paths, 1)}
    sent = tuple(_argument(path, parameters, converted.get(path), f"_send_{places[path]}") for path in paths)
    return _PATH.sub(lambda found: f"${places[found[1]]}", code).strip() if named else text, sent


def _spread(parameters: Mapping[str, Any], converted: Mapping[str, Convert]) -> Iterator[str]:
    for name, hint in parameters.items():
        plain = without_none(hint)[0]
        items = items_of(plain)
        if name in converted:
            yield name
        elif items is None:
            yield from _below(name, element_of(plain) or plain)
        else:
            yield from _below(f"{name}.key", items[0])
            yield from _below(f"{name}.value", items[1])


def _below(path: str, hint: Any) -> Iterable[str]:
    fields = fields_of(without_none(hint)[0])
    return [path] if fields is None else [f"{path}.{name}" for name in fields]


def _argument(path: str, parameters: Mapping[str, Any], convert: Convert | None, called: str) -> Argument:
    value, *steps = path.split(".")
    hint, over = parameters[value], ""
    outside, inside = list[str](), list[str]()  # what may be None on the way
    for step in steps:
        plain, is_optional = without_none(hint)
        if is_optional:
            (inside if over else outside).append(value)
        items, element = items_of(plain), element_of(plain)
        if items is not None:
            over, value, hint = (value, _EACH, items[0]) if step == "key" else (f"{value}.values()", _EACH, items[1])
            continue
        if element is not None:
            over, value, plain = value, _EACH, without_none(element)[0]
        value = f"{value}[{step}]" if step.isdigit() else f"{value}.{step}"
        hint = attribute_of(plain, step)
    plain, is_optional = without_none(hint)
    names: dict[str, Any] = {}
    if convert is not None:
        names[called] = convert
        (inside if over else outside).extend([value] if is_optional else [])
        value = f"{called}({value})"
    elif not over and get_origin(plain) is Iterable:
        value = f"list({value})"
    value = _unless_none(inside, value)
    if over:
        value = f"list({over})" if value == _EACH else f"[{value} for {_EACH} in {over}]"
    element = None if over else element_of(plain)
    is_array = bool(over) or element is not None
    sent = None if convert is not None else plain if element is None else without_none(element)[0]
    return Argument(path, _unless_none(outside, value), sent, is_array, names)


def _unless_none(parts: list[str], value: str) -> str:
    tests = " or ".join(f"{part} is None" for part in parts)
    return f"None if {tests} else {value}" if tests else value
