"""How a list is looked at: the order, the words searched for, the period, the columns, all of it in the address.

Source: docs/spec/web.md#lists.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from litestar.datastructures import MultiDict

from quote_service.web.model.subjects.subject import Column, Subject

PERIODS = {"created": ("created_from", "created_to"), "updated": ("updated_from", "updated_to")}
_KEPT = ("search", "sort", *(name for names in PERIODS.values() for name in names))


class Heading(NamedTuple):
    """Of a column: where its sorting leads, if the API sorts by it, and how the list is sorted by it now."""

    column: Column
    path: str
    sorted: str


class ListView:
    """What the address says of a list, and the addresses beside it.

    Attributes:
        given: What is searched, sorted and bounded by.
        can: Names of what the API's list can be asked for.
        columns: Those that are shown.
        headings: Of the same.
    """

    def __init__(
        self, subject: Subject, parameters: Mapping[str, Any], asked: MultiDict[str], filters: Mapping[str, str]
    ) -> None:
        self.can = frozenset(parameters)
        self.given = {name: asked.get(name, "").strip() for name in _KEPT if name in self.can}
        self._area = f"/admin/{subject.area}"
        self._filters = {name: value for name, value in filters.items() if value}
        if subject.views and not self._filters:
            self._filters = {subject.filters[0].name: ""}  # without any filter the first view would be shown
        self.chosen = tuple(each for each in asked.getall("columns", []) if each)
        self.all_columns = subject.columns
        self.columns = tuple(each for each in subject.columns if not self.chosen or each.label in self.chosen)
        self.columns = self.columns or subject.columns
        sorts = parameters.get("sort", {}).get("enum", ())
        self.headings = tuple(self._heading(column, sorts) for column in self.columns)
        self.periods = {event: names for event, names in PERIODS.items() if names[0] in self.can}

    @property
    def is_narrowed(self) -> bool:
        """Whether fewer rows are asked for than there are, beside the filters."""
        return any(value for name, value in self.given.items() if name != "sort")

    def query(self) -> dict[str, str]:
        """What the API is asked for: days of a period as instants, the last day with it."""
        query = {name: value for name, value in self.given.items() if value}
        for since, until in PERIODS.values():
            query |= {name: _instant(query[name], days) for name, days in ((since, 0), (until, 1)) if name in query}
        if "total" in self.can:
            query["total"] = "true"
        return query

    def path(self, **changed: str) -> str:
        """The address of the list with something else in it; whatever is empty is left out."""
        return self._address(self._area, changed)

    def file_path(self, form: str) -> str:
        """The address of a file of all rows."""
        return self._address(f"{self._area}/export", {"format": form})

    def hidden(self) -> Sequence[tuple[str, str]]:
        """What a form that filters keeps."""
        sort = self.given.get("sort", "")
        return [*((("sort", sort),) if sort else ()), *(("columns", each) for each in self.chosen)]

    def narrowing(self) -> Sequence[tuple[str, str]]:
        """What a form that chooses columns keeps."""
        return [*self._filters.items(), *((name, value) for name, value in self.given.items() if value)]

    def _address(self, path: str, changed: Mapping[str, str]) -> str:
        named = {**self._filters, **{name: value for name, value in {**self.given, **changed}.items() if value}}
        query = urlencode([*named.items(), *(("columns", each) for each in self.chosen)])
        return f"{path}?{query}" if query else path

    def _heading(self, column: Column, sorts: Sequence[str]) -> Heading:
        if column.member not in sorts:
            return Heading(column, "", "")
        now = self.given.get("sort", "")
        falls = now == f"-{column.member}"
        rises = now == column.member
        # The newest and the largest are looked for first.
        first = f"-{column.member}" if column.kind in ("instant", "number", "amount") else column.member
        wanted = column.member if falls else f"-{column.member}" if rises else first
        return Heading(column, self.path(sort=wanted), "descending" if falls else "ascending" if rises else "")


def _instant(text: str, days: int) -> str:
    try:
        return f"{date.fromisoformat(text) + timedelta(days)}T00:00:00Z"
    except (ValueError, OverflowError):
        return text
