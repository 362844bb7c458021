"""The rows of a list as SQL: the source is written once, and what is asked for is put around it.

    SELLERS = ListedRows(SellerRecord, _QUERIES["sellers"], sorts=("name", "updated_at"), search=("name", "external_ref"))

A page is found by the key of the row beside it and never by an offset, so that a deep page costs what the first one does. Only the
filters that are given stand in a statement: PostgreSQL plans each combination for itself.

Source: docs/spec/wire.md#lists.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, Any, Generic, NamedTuple, TypeVar, Union, get_args, get_origin
from uuid import UUID

import msgspec

from quote_service.platform.postgres.pool import Connection

#: A list is counted exactly up to here.
COUNTED_MAX = 10_000
SEARCH_LENGTH_MAX = 200
SEARCH_WORDS_MAX = 8
_AT_ONCE = 200
_PLAN_FOR_VALUES = "SET LOCAL plan_cache_mode = force_custom_plan"
_COMPARED = (">=", "<")
# Of a type in Python: its name in PostgreSQL, and what stands in the order for a value that is not there: below every other, and
# what the driver sends back as it was read.
_TYPES: Mapping[type, tuple[str, str]] = {
    str: ("text", "''"),
    int: ("bigint", "(-9223372036854775808)::bigint"),
    bool: ("boolean", "false"),
    Decimal: ("numeric", "(-1e30)::numeric"),
    datetime: ("timestamptz", "'-infinity'::timestamptz"),
    UUID: ("uuid", "'00000000-0000-0000-0000-000000000000'::uuid"),
}
Row = TypeVar("Row", bound=msgspec.Struct)


class Place(NamedTuple):
    """Where a page begins: behind the row with these values, or before it."""

    values: tuple[Any, ...]
    is_before: bool = False


class Wanted(NamedTuple):
    """What is asked of a list.

    Attributes:
        where: Values by filter, or by column with `>=` or `<` behind it; None is not asked for.
        search: Words that all stand somewhere in the row's texts; empty for every row.
        sort: A sort of the list, with `-` before it for the other direction; empty for the list's own order.
        limit: The most rows.
        place: Where the page begins; None for the first row.
    """

    where: Mapping[str, Any]
    search: str = ""
    sort: str = ""
    limit: int = 50
    place: Place | None = None


class ListedPage(NamedTuple, Generic[Row]):
    """Rows in their order, with the places of the pages beside them; None where there is none."""

    rows: list[Row]
    previous: Place | None
    next: Place | None


class Counted(msgspec.Struct, frozen=True):
    """How many rows there are; at least, where it is not exact."""

    count: int
    is_exact: bool


@dataclass(frozen=True)
class _Order:
    """An expression over the columns, and the type of its values."""

    expression: str
    kind: type


class ListedRows(Generic[Row]):
    """A list.

    Args:
        row: What a row is; its fields are columns of the source.
        source: A SELECT without conditions and order. It may have further columns, to filter by.
        sorts: Fields that the list may be sorted by. Texts are compared without regard to case; what is null comes before everything else.
        search: Columns of text that are searched.
        order: The list's own order: the id, with `-` before it for the newest first.
        conditions: Of filters that are not columns to be equal: SQL with `{}` for the value.
        make: Makes a row of the values of its columns by name, where they are not its fields by themselves.
    """

    def __init__(
        self,
        row: type[Row],
        source: str,
        *,
        sorts: Sequence[str] = (),
        search: Sequence[str] = (),
        order: str = "id",
        conditions: Mapping[str, str] = MappingProxyType({}),
        make: Callable[[Any], Row] | None = None,
    ) -> None:
        hints = {field.name: field.type for field in msgspec.structs.fields(row)}
        self.row = row
        self.sorts = tuple(sorts)
        self.search = tuple(search)
        self._make = make or _maker(row)
        self._source = f"FROM ({source}) AS listed"
        self._key, self._own_is_descending = order.removeprefix("-"), order.startswith("-")
        self._conditions = conditions
        self._orders = {name: _order(name, hints[name]) for name in sorts}
        self._own = (
            _Order("listed.id", int if hints.get("id") is int else UUID)
            if self._key == "id"
            else _order(self._key, hints.get(self._key, UUID), is_key=True)
        )

    def place_types(self, sort: str) -> tuple[type, ...]:
        """Of the values that a place in this order has."""
        named = sort.removeprefix("-")
        return tuple(order.kind for order in self._in_order(named))

    def _in_order(self, named: str) -> tuple[_Order, ...]:
        return (self._orders[named], self._own) if named else (self._own,)

    def statement(self, wanted: Wanted) -> tuple[str, list[Any]]:
        """The statement of a page, of one row more than it has, and its arguments."""
        arguments: list[Any] = []
        named = wanted.sort.removeprefix("-")
        is_descending = wanted.sort.startswith("-") if named else self._own_is_descending
        goes_back = wanted.place is not None and wanted.place.is_before
        orders = self._in_order(named)
        conditions = list(self._matching(wanted, arguments))
        if wanted.place is not None:
            conditions.append(_beyond(orders, wanted.place.values, arguments, goes_down=is_descending != goes_back))
        way = "DESC" if is_descending != goes_back else "ASC"
        arguments.append(wanted.limit + 1)
        keys = "".join(f", {order.expression} AS place_{number}" for number, order in enumerate(orders))
        return (
            f"SELECT listed.*{keys} {self._source} {_where(conditions)} ORDER BY "
            f"{', '.join(f'{order.expression} {way}' for order in orders)} LIMIT ${len(arguments)}",
            arguments,
        )

    async def page(self, connection: Connection, wanted: Wanted) -> ListedPage[Row]:
        """The rows of a page."""
        orders = self._in_order(wanted.sort.removeprefix("-"))
        goes_back = wanted.place is not None and wanted.place.is_before
        statement, arguments = self.statement(wanted)
        async with _planned_for_values(connection, wanted):
            found = await connection.fetch(statement, *arguments)
        has_more, kept = len(found) > wanted.limit, found[: wanted.limit]
        if goes_back:
            kept.reverse()
        places = [tuple(record[f"place_{number}"] for number in range(len(orders))) for record in kept[:1] + kept[-1:]]
        has_previous, has_next = (has_more, True) if goes_back else (wanted.place is not None, has_more)
        return ListedPage(
            [self._make(dict(list(record.items())[: -len(orders)])) for record in kept],
            Place(places[0], is_before=True) if places and has_previous else None,
            Place(places[-1]) if places and has_next else None,
        )

    async def every(self, connection: Connection) -> list[Row]:
        """All rows of a list that is short, in its own order."""
        rows, wanted = list[Row](), Wanted({}, limit=_AT_ONCE)
        while True:
            page = await self.page(connection, wanted)
            rows += page.rows
            if page.next is None:
                return rows
            wanted = wanted._replace(place=page.next)

    async def count(self, connection: Connection, wanted: Wanted) -> Counted:
        """How many rows match, whatever page is asked for."""
        arguments: list[Any] = []
        matching = _where(list(self._matching(wanted, arguments)))
        statement = f"SELECT count(*) FROM (SELECT 1 {self._source} {matching} LIMIT {COUNTED_MAX + 1}) AS counted"  # noqa: S608 (as above)
        async with _planned_for_values(connection, wanted):
            counted = await connection.fetchval(statement, *arguments)
        return Counted(min(counted, COUNTED_MAX), counted <= COUNTED_MAX)

    def _matching(self, wanted: Wanted, arguments: list[Any]) -> Iterator[str]:
        for name, value in wanted.where.items():
            if value is not None:
                arguments.append(value)
                compared = name if name.endswith(_COMPARED) else f"{name} ="
                yield self._conditions.get(name, f"listed.{compared} {{}}").format(f"${len(arguments)}")
        for word in wanted.search.strip().split(None, SEARCH_WORDS_MAX - 1):
            arguments.append(f"%{_literally(word)}%")
            # Each column by itself, so that an index of each may find it.
            yield f"({' OR '.join(f'listed.{name} ILIKE ${len(arguments)}' for name in self.search)})"


@asynccontextmanager
async def _planned_for_values(connection: Connection, wanted: Wanted) -> AsyncIterator[None]:
    """Plan what is filtered with the values of each call: a rare one is found by its index, a common one on the way."""
    if not wanted.search and all(value is None for value in wanted.where.values()):
        yield
        return
    async with connection.transaction():
        await connection.execute(_PLAN_FOR_VALUES)
        yield


def _maker(row: type[Row]) -> Callable[[Mapping[str, Any]], Row]:
    names = row.__struct_fields__
    return lambda values: row(**{name: values[name] for name in names})


def _order(name: str, hint: Any, *, is_key: bool = False) -> _Order:
    kinds = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    plain = [get_args(kind)[0] if get_origin(kind) is Annotated else kind for kind in kinds if kind is not NoneType]
    kind = plain[0] if plain and plain[0] in _TYPES else str
    expression = f"listed.{name}" if kind is not str or _TYPES.get(plain[0]) else f"listed.{name}::text"
    if NoneType in kinds:
        expression = f"coalesce({expression}, {_TYPES[kind][1]})"
    # A key distinguishes rows, and so texts that differ in case only.
    return _Order(f"lower({expression})" if kind is str and not is_key else expression, kind)


def _beyond(orders: Sequence[_Order], values: tuple[Any, ...], arguments: list[Any], *, goes_down: bool) -> str:
    places = []
    for order, value in zip(orders, values, strict=True):
        arguments.append(value)
        places.append(f"${len(arguments)}::{_TYPES[order.kind][0]}")
    expressions = ", ".join(order.expression for order in orders)
    return f"({expressions}) {'<' if goes_down else '>'} ({', '.join(places)})"


def _where(conditions: Sequence[str]) -> str:
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""


def _literally(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
