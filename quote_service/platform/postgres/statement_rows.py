"""How a declared statement's rows are read, by the annotation of its answer.

    None                      it is run, nothing is read
    Affected                  how many rows it has written or removed
    int, UUID, datetime ...   the one column of the one row
    bool                      the same, false where there is no row
    Struct                    by the names of the columns
    NamedTuple, tuple[A, B]   by their order; these may stand within each other
    X | None                  None for no row
    list[X], set[X] ...       one of each row; a Sequence is a list
    dict[K, V]                the key from the first columns, the value from those behind it

Source: docs/decisions/statements.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import NoneType
from typing import Any, NewType, get_origin

import asyncpg
import msgspec

from quote_service.platform.postgres.statement_types import (
    element_of,
    fields_of,
    items_of,
    required_fields_of,
    without_none,
)

#: How many rows a statement has written or removed.
Affected = NewType("Affected", int)
_ROW, _FOUND = "_row", "_found"
# Whatever else is promised, such as a sequence, is a list.
_AROUND = {set: ("{", "}"), frozenset: ("frozenset(", ")"), tuple: ("tuple(", ")")}


@dataclass(frozen=True)
class Column:
    """A column that is read: its name if that matters, its type if that is known, and whether it has to be there."""

    name: str | None
    type: Any
    is_required: bool = True


@dataclass(frozen=True)
class Answer:
    """How the answer is made.

    Attributes:
        fetch: The method of the connection.
        expression: The answer, of `_found`, which is what the method returns.
        columns: What is read; None where a function of ours reads it.
        is_by_name: Whether columns are read by name, else in this order.
        names: What the expression uses.
    """

    fetch: str
    expression: str
    columns: tuple[Column, ...] | None = ()
    is_by_name: bool = False
    names: Mapping[str, Any] = field(default_factory=dict)


class Reading:
    """Writes an expression over a row, and collects what it reads.

    Args:
        row: Makes an element of a row.
        columns: By field, a function and the columns that it makes the field of.
        key: The columns of a mapping's key, where they are among those of the value.
    """

    def __init__(
        self,
        row: Callable[[Any], Any] | None,
        columns: Mapping[str, tuple[Any, ...]],
        key: str | tuple[str, ...] | None,
    ) -> None:
        self._make, self._columns, self._key = row, columns, key
        self._read: list[Column] = []
        self._names: dict[str, Any] = {}
        self._is_known, self._is_by_name = True, False

    def answer(self, hint: Any) -> Answer:
        """How an annotation is read.

        Raises:
            TypeError: It cannot be.
        """
        plain, is_optional = without_none(hint)
        items, element = items_of(plain), element_of(plain)
        if plain in (None, NoneType):
            return Answer("execute", "None")
        if plain is Affected:
            return Answer("execute", f"int({_FOUND}.rpartition(' ')[2])")
        if items is not None:
            return self._answer("fetch", self._mapping(*items))
        if element is not None:
            begin, end = _AROUND.get(get_origin(plain), ("[", "]"))
            return self._answer("fetch", f"{begin}{self._whole(element, _ROW)} for {_ROW} in {_FOUND}{end}")
        if self._make is None and fields_of(plain) is None and plain is not asyncpg.Record:
            self._read.append(Column(None, hint))
            return self._answer("fetchval", f"bool({_FOUND})" if hint is bool else _FOUND)
        one = self._whole(plain, _FOUND)
        return self._answer("fetchrow", f"None if {_FOUND} is None else {one}" if is_optional else one)

    def _answer(self, fetch: str, expression: str) -> Answer:
        return Answer(fetch, expression, tuple(self._read) if self._is_known else None, self._is_by_name, self._names)

    def _mapping(self, key: Any, value: Any) -> str:
        if self._make is not None and self._key is None:
            self._is_known = False
            return f"dict({self._name(self._make)}({_ROW}) for {_ROW} in {_FOUND})"
        if self._key is None:
            return f"{{{self._part(key, _ROW)}: {self._part(value, _ROW)} for {_ROW} in {_FOUND}}}"
        names = (self._key,) if isinstance(self._key, str) else self._key
        given = ", ".join(f"{_ROW}[{name!r}]" for name in names)
        made = given if isinstance(self._key, str) else f"{self._name(key)}({given})"
        return f"{{{made}: {self._whole(value, _ROW)} for {_ROW} in {_FOUND}}}"

    def _whole(self, hint: Any, row: str) -> str:
        if self._make is not None or hint is asyncpg.Record or get_origin(hint) is dict:
            self._is_known = False
            make = dict if get_origin(hint) is dict else self._make
            return row if make is None else f"{self._name(make)}({row})"
        if self._columns or (isinstance(hint, type) and issubclass(hint, msgspec.Struct)):
            return self._named(hint, row)
        return self._part(hint, row)

    def _named(self, hint: Any, row: str) -> str:
        fields, required, self._is_by_name = fields_of(hint) or {}, required_fields_of(hint), True
        if self._columns.keys() - fields.keys():
            raise TypeError(f"{hint.__name__} has no {self._columns.keys() - fields.keys()}")
        if not self._columns:
            self._read += [Column(name, kind, name in required) for name, kind in fields.items()]
            return f"{self._name(hint)}(**{row})"
        plain = [name for name in fields if name not in self._columns]
        parts = [f"{name}={row}[{name!r}]" for name in plain]
        for name, (make, *given) in self._columns.items():
            parts.append(f"{name}={self._name(make)}({', '.join(f'{row}[{each!r}]' for each in given)})")
            self._read += [Column(each, None) for each in given if each not in plain]
        self._read += [Column(name, fields[name]) for name in plain]
        return f"{self._name(hint)}({', '.join(parts)})"

    def _part(self, hint: Any, row: str, named: str | None = None) -> str:
        """What stands in the next columns."""
        plain, _ = without_none(hint)
        fields = fields_of(plain) if named is None else None
        if fields is not None and get_origin(plain) is tuple:
            return f"({', '.join(self._part(kind, row) for kind in fields.values())},)"
        if fields is not None:
            parts = [(name, self._part(kind, row, name)) for name, kind in fields.items()]
            is_named = issubclass(plain, msgspec.Struct)
            return f"{self._name(plain)}({', '.join(f'{name}={part}' if is_named else part for name, part in parts)})"
        self._read.append(Column(named, hint))
        return f"{row}[{len(self._read) - 1}]"

    def _name(self, value: Any) -> str:
        called = f"_read_{len(self._names)}"
        self._names[called] = value
        return called
