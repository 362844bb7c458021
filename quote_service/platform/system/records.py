"""Structs made of rows whose columns are called as their fields are."""

from typing import Any, Protocol, TypeVar

import msgspec

Record = TypeVar("Record", bound=msgspec.Struct)


class Row(Protocol):
    """What gives a column by its name: a record of the database driver, or a mapping."""

    def __getitem__(self, name: str, /) -> Any: ...


def record_of(kind: type[Record], row: Row, /, **given: Any) -> Record:
    """A struct with the columns of a row in its fields of their names; what is given stands in place of a column."""
    return kind(**{name: row[name] for name in kind.__struct_fields__ if name not in given}, **given)
