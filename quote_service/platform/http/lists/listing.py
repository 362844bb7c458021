"""A list that is declared: what it can be filtered, sorted and searched by; paging, counting and export follow.

    @get(access=CATALOG_READERS, listing=Listing("sellers", SELLER_ROWS, SellerFilters))
    async def list_sellers(rows: ListRequest[SellerRecord]) -> ListAnswer:
        \"\"\"List sellers.\"\"\"
        return await rows.answer()

Source: docs/spec/wire.md#lists.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any, Generic, NamedTuple

import msgspec
from litestar import Response
from litestar.response import Stream

from quote_service.platform.documents.csv_cells import csv_lines
from quote_service.platform.documents.documents import listed_envelope, row_line
from quote_service.platform.documents.exact_json import below
from quote_service.platform.documents.renamed import renamed_fields
from quote_service.platform.http.cursors import NoFilters, read_cursor, read_limit, read_named, read_names, write_cursor
from quote_service.platform.http.lists.accepted import MEDIA_TYPES, Format, format_of
from quote_service.platform.http.openapi.described import Described, Listed
from quote_service.platform.http.parts import AnyRequest, parts_of
from quote_service.platform.postgres.listed_rows import SEARCH_LENGTH_MAX, ListedPage, ListedRows, Place, Row, Wanted
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.errors import Fault, Invalid

# So few that writing them keeps no quote waiting.
_EXPORTED_AT_ONCE = 200
_PERIODS = {"created_at": ("created_from", "created_to"), "updated_at": ("updated_from", "updated_to")}
_Instant = Annotated[datetime, msgspec.Meta(tz=True)]
_Text = Annotated[str, msgspec.Meta(max_length=SEARCH_LENGTH_MAX)]
#: What is to be known of rows beside their columns.
Complete = Callable[[Connection, list[Row]], Awaitable[list[Row]]]
Check = Callable[[Connection, Any], Awaitable[None]]
_EVERYWHERE: Mapping[str, Any] = MappingProxyType({})


class _Asked(NamedTuple):
    wanted: Wanted
    own: Any
    counts: bool
    fields: tuple[str, ...]
    form: Format | None


class Listing(Generic[Row]):
    """A list.

    Args:
        name: What its files are called, and what its cursors are distinguished from others by.
        rows: Where they come from.
        filters: Parameters that are its own; each is a column that is equal, unless `rows` has a condition of that name.
        complete: Adds to the rows of a page what is no column.
        where_of: What the filters come to by condition, where that is not what they say; raises Invalid.
        sorts_when: The sort that it has by itself where a filter is given.
    """

    def __init__(
        self,
        name: str,
        rows: ListedRows[Row],
        filters: type[msgspec.Struct] = NoFilters,
        *,
        complete: Complete[Row] | None = None,
        where_of: Callable[[Any], Mapping[str, Any]] = msgspec.structs.asdict,
        sorts_when: Mapping[str, str] = _EVERYWHERE,
    ) -> None:
        self.name = name
        self._where_of = where_of
        self._sorts_when = sorts_when
        self.rows = rows
        self.filters = filters
        self._complete = complete
        # Files and chosen fields came after the new names, and have no former ones.
        renamed = renamed_fields(rows.row)
        self.fields = {
            renamed.get(field.encode_name, field.encode_name): field.name for field in msgspec.structs.fields(rows.row)
        }
        own = {field.encode_name for field in msgspec.structs.fields(filters)}
        self.periods = {
            column: names for column, names in _PERIODS.items() if column in rows.sorts and not own & {*names}
        }
        # Read like the list's own, and so with the same words for what cannot be read.
        extra: list[tuple[str, Any, Any]] = [
            *((name, _Instant | None, None) for names in self.periods.values() for name in names),
            ("format", Format | None, None),
            ("total", bool, False),
        ]
        if rows.search:
            extra.append(("search", _Text | None, None))
        self._common = msgspec.defstruct("Common", extra, frozen=True)

    def described(self, example: Any, **more: Any) -> Described:
        """What the route takes and gives; `example` is of a row."""
        listed = Listed(self.rows.sorts, bool(self.rows.search), tuple(self.periods.values()), tuple(self.fields))
        return Described(
            answer=self.rows.row, answer_example=example, form="list", query=self.filters, listed=listed, **more
        )

    async def answer(
        self,
        request: AnyRequest,
        where: Mapping[str, Any] = _EVERYWHERE,
        *,
        shown: Callable[[Row], Row] | None = None,
        check: Check | None = None,
        check_empty: Check | None = None,
    ) -> Response[bytes] | Stream:
        """A page of the list, or all of it as a file.

        Args:
            request: What is asked for.
            where: Values by filter or column that the caller has no choice of.
            shown: What this caller is shown of a row.
            check: Raises where what is asked for, by its filters, cannot be.
            check_empty: The same, where there is no row.

        Raises:
            Invalid: With every parameter that cannot be accepted.
        """
        asked = self._read(request.scope["query_string"], where)
        form = format_of(request, asked.form)
        database = parts_of(request)[Database]
        fields = asked.fields or tuple(self.fields)
        async with database.read() as connection:
            if check is not None:
                await check(connection, asked.own)
            if form == "json":
                page = await self._page(connection, asked.wanted, shown)
                if check_empty is not None and not page.rows:
                    await check_empty(connection, asked.own)
                total = await self.rows.count(connection, asked.wanted) if asked.counts else None
        if form != "json":
            return await self._export(database, asked.wanted, fields, form, shown)
        chosen = [self._chosen(row, fields) for row in page.rows] if asked.fields else page.rows
        body = listed_envelope(
            chosen,
            self._cursor(asked.wanted.sort, page.next),
            self._cursor(asked.wanted.sort, page.previous),
            total,
        )
        return Response(body, media_type=MEDIA_TYPES["json"], headers={"Vary": "Accept"})

    async def _page(
        self, connection: Connection, wanted: Wanted, shown: Callable[[Row], Row] | None
    ) -> ListedPage[Row]:
        page = await self.rows.page(connection, wanted)
        rows = page.rows if self._complete is None else await self._complete(connection, page.rows)
        return page._replace(rows=rows if shown is None else [shown(row) for row in rows])

    async def _export(
        self,
        database: Database,
        wanted: Wanted,
        fields: Sequence[str],
        form: Format,
        shown: Callable[[Row], Row] | None,
    ) -> Stream:
        pages = self._pages(database, wanted._replace(limit=_EXPORTED_AT_ONCE), shown)
        # Before the answer starts, so that a database that is unavailable is still a 503.
        first: list[Row] = await anext(pages, [])

        async def lines() -> AsyncIterator[bytes]:
            write = self._csv if form == "csv" else self._ndjson
            yield (csv_lines([fields]) if form == "csv" else b"") + write(first, fields)
            async for rows in pages:
                yield write(rows, fields)

        headers = {"Content-Disposition": f'attachment; filename="{self.name}.{form}"', "Vary": "Accept"}
        return Stream(lines(), media_type=MEDIA_TYPES[form], headers=headers)

    async def _pages(
        self, database: Database, wanted: Wanted, shown: Callable[[Row], Row] | None
    ) -> AsyncIterator[list[Row]]:
        """All rows, however slowly they are read: no connection is held between pages."""
        while True:
            async with database.read() as connection:
                page = await self._page(connection, wanted, shown)
            yield page.rows
            if page.next is None:
                return
            wanted = wanted._replace(place=page.next)

    def _csv(self, rows: Sequence[Row], fields: Sequence[str]) -> bytes:
        return csv_lines([getattr(row, self.fields[name]) for name in fields] for row in rows)

    def _ndjson(self, rows: Sequence[Row], fields: Sequence[str]) -> bytes:
        return b"".join(row_line(self._chosen(row, fields)) for row in rows)

    def _chosen(self, row: Row, fields: Sequence[str]) -> dict[str, Any]:
        values = ((name, getattr(row, self.fields[name])) for name in fields)
        return {name: value for name, value in values if value is not msgspec.UNSET}

    def _read(self, query: bytes, where: Mapping[str, Any]) -> _Asked:
        given, faults = read_names(query)
        limit_given = "limit" in given
        limit = read_limit(given, faults)
        sort = self._read_sort(given.pop("sort", ""), faults)
        fields = self._read_fields(given.pop("fields", None), faults)
        cursor = given.pop("cursor", None)
        common: Any = read_named(given, faults, self._common)
        own = read_named(given, faults, self.filters)
        faults += [Fault(below("/query", unknown), "is not a known parameter") for unknown in given]
        sort = sort or next(
            (kept for name, kept in self._sorts_when.items() if getattr(own, name, None) is not None), ""
        )
        place = None if cursor is None else self._place(cursor, sort)
        if cursor is not None and place is None:
            faults.append(Fault("/query/cursor", "is not a cursor of this list in this order"))
        if common is not None and common.format in ("csv", "ndjson"):
            faults.extend(
                Fault(f"/query/{name}", "is not for a file, which has every row")
                for name, is_given in (("limit", limit_given), ("cursor", cursor is not None), ("total", common.total))
                if is_given
            )
        found: dict[str, Any] = {}
        for column, (since, until) in self.periods.items():
            begins, ends = getattr(common, since, None), getattr(common, until, None)
            if begins is not None and ends is not None and ends <= begins:
                faults.append(Fault(f"/query/{until}", f"must be after {since}"))
            found |= {f"{column}>=": begins, f"{column}<": ends}
        if faults or common is None or own is None:
            raise Invalid.because(tuple(faults))
        wanted = Wanted(
            {**self._where_of(own), **found, **where}, getattr(common, "search", None) or "", sort, limit, place
        )
        return _Asked(wanted, own, common.total, fields, common.format)

    def _read_sort(self, text: str, faults: list[Fault]) -> str:
        if not text or text.removeprefix("-") in self.rows.sorts:
            return text
        known = ", ".join(f"`{name}`" for name in self.rows.sorts)
        faults.append(Fault("/query/sort", f"must be one of {known}, or one of them with `-` before it"))
        return ""

    def _read_fields(self, text: str | None, faults: list[Fault]) -> tuple[str, ...]:
        if text is None:
            return ()
        names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
        if unknown := [name for name in names if name not in self.fields]:
            faults.append(Fault("/query/fields", f"names no field of this list: {', '.join(unknown[:5])}"[:300]))
        return names

    # The order is part of a cursor's name; that of the list's own order, forwards, is the name alone, as it ever was.
    def _cursor(self, sort: str, place: Place | None) -> str | None:
        return None if place is None else write_cursor(self._cursor_name(sort, place.is_before), place.values)

    def _place(self, text: str, sort: str) -> Place | None:
        kinds: Any = tuple.__class_getitem__(self.rows.place_types(sort))
        for is_before in (False, True):
            if (values := read_cursor(text, self._cursor_name(sort, is_before), kinds)) is not None:
                return Place(values, is_before)
        return None

    def _cursor_name(self, sort: str, is_before: bool) -> str:
        return f"{self.name}{f':{sort}' if sort else ''}{'<' if is_before else ''}"


ListAnswer = Response[bytes] | Stream


class ListRequest(Generic[Row]):
    """A request for a list, as a handler is given it."""

    __slots__ = ("_listing", "_request")

    def __init__(self, listing: Listing[Row], request: AnyRequest) -> None:
        self._listing = listing
        self._request = request

    async def answer(
        self,
        where: Mapping[str, Any] = _EVERYWHERE,
        *,
        shown: Callable[[Row], Row] | None = None,
        check: Check | None = None,
        check_empty: Check | None = None,
    ) -> ListAnswer:
        """As `Listing.answer`."""
        return await self._listing.answer(self._request, where, shown=shown, check=check, check_empty=check_empty)
