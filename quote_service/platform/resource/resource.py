"""A resource: what people create, list, read, replace and remove, with versions and an audit trail.

    BRANDS = Resource(
        one="brand", many="brands", draft=BrandDraft, record=BrandRecord, example=BrandDraft(name="Kaya"),
        readers=CATALOG_READERS, writers=CATALOG_WRITERS, sorts=("name", "updated_at"), search=("name",),
    )

Its SQL (statements.py), its operations (operations.py), its examples (examples.py) and its routes (platform/http/declared) follow.
What is particular to it is a hook, which runs within the transaction; what is no part of keeping it is an operation of its own.

Source: docs/decisions/declared-resources.md.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Literal, TypeVar
from uuid import UUID

import msgspec

from quote_service.platform.callers.access import Access, Caller
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.resource.statements import ResourceStatements, statements_of
from quote_service.platform.system.errors import Fault, QuoteServiceError

Draft = TypeVar("Draft", bound=msgspec.Struct)
Record = TypeVar("Record", bound=msgspec.Struct)
Verb = Literal["create", "list", "show", "replace", "change", "remove"]
Problems = tuple[type[QuoteServiceError], ...]


class NoListFilters(msgspec.Struct, frozen=True):
    """A list without filters of its own."""


def _no_faults(_: Any) -> Iterable[Fault]:
    return ()


def _as_it_is(given: Any, *_: Any) -> Any:
    return given


def _everybody(_: Caller, __: UUID) -> bool:
    return True


def _shown_whole(record: Any, _: Caller) -> Any:
    return record


async def _nothing(*_: Any) -> None:
    """A hook that is not there."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Resource(Generic[Draft, Record]):
    """One kind of object.

    Attributes:
        one: Its name in a sentence, `price list`; the audit log has it with underscores.
        many: The part of its path, `price-lists`; the table has it with underscores.
        draft: What is written. Its fields are columns.
        record: What is kept and shown: `id`, `version`, `created_by`, `created_at`, `changed_by`, `updated_at` and columns.
        example: A draft that works.
        readers: Who may read one and list them.
        writers: Who may do the rest.
        listers: Who may list them, where those are others than `readers`.
        new: A draft with an optional `id` that creates one under it; None where every id is made here.
        verbs: What may be done over HTTP.
        about: What the description adds to the summary, by verb.
        problems: Errors beside those that every route of its kind has, by verb.
        meaning: What the group of its routes is about, in a sentence.
        computed: Fields of the record that are no columns: SQL by name.
        only: A condition in SQL that those fulfil which are there at all.
        filters: Optional fields; each is a column that is equal, unless `conditions` has it.
        conditions: Of other filters: SQL with `{}` for the value, and `listed` for the row.
        sorts: As of `ListedRows`.
        search: As of `ListedRows`.
        sorts_when: The sort that a list has by itself where a filter is given.
        shown_example: Values of `computed` in the record's example.
        is_personal: Its id is a customer's, with whom kept answers are erased.
        one_at_a_time: Changes wait for each other, before any row is read or held: what is checked of several rows holds.
        faults: What is wrong with a draft beside its types.
        filter_faults: What is wrong with filters together.
        normal: The draft as it is kept: in one spelling.
        check: Raises where the draft cannot be written under this id; with the record that it replaces, None for a new one.
        written: What else is written, with the record before and after, None where there is none.
        absent: Raises where more is to be said of an id than that there is no such object.
        audited: A record as the audit log keeps it; with the record before, None where it is that one.
        sees: Whether the object exists for a caller.
        shown: What a caller is shown of a record.
    """

    one: str
    many: str
    draft: type[Draft]
    record: type[Record]
    example: Draft
    readers: Access
    writers: Access
    listers: Access | None = None
    new: type[Draft] | None = None
    verbs: frozenset[Verb] = frozenset({"create", "list", "show", "replace", "remove"})
    about: Mapping[Verb, str] = field(default_factory=dict)
    problems: Mapping[Verb, Problems] = field(default_factory=dict)
    meaning: str = ""
    computed: Mapping[str, str] = field(default_factory=dict)
    only: str = ""
    filters: type[msgspec.Struct] = NoListFilters
    conditions: Mapping[str, str] = field(default_factory=dict)
    sorts: tuple[str, ...] = ("created_at", "updated_at")
    search: tuple[str, ...] = ()
    sorts_when: Mapping[str, str] = field(default_factory=dict)
    shown_example: Mapping[str, Any] = field(default_factory=dict)
    is_personal: bool = False
    one_at_a_time: bool = False
    faults: Callable[[Draft], Iterable[Fault]] = _no_faults
    filter_faults: Callable[[Any], Iterable[Fault]] = _no_faults
    normal: Callable[[Draft], Draft] = _as_it_is
    check: Callable[[Connection, UUID, Draft, Record | None], Awaitable[None]] = _nothing
    written: Callable[[Change, Record | None, Record | None], Awaitable[None]] = _nothing
    absent: Callable[[Connection, UUID], Awaitable[None]] = _nothing
    audited: Callable[[Record, Record | None], Record] = _as_it_is
    sees: Callable[[Caller, UUID], bool] = _everybody
    shown: Callable[[Record, Caller], Record] = _shown_whole
    statements: ResourceStatements = field(init=False)
    rows: ListedRows[Record] = field(init=False)

    every: ClassVar[list["Resource[Any, Any]"]] = []

    def __post_init__(self) -> None:
        kept = self.record.__struct_fields__
        written = tuple(name for name in self.draft.__struct_fields__ if name in kept and name != "id")
        statements = statements_of(self.many.replace("-", "_"), kept, self.computed, written, self.only)
        rows = ListedRows(
            self.record, statements.source, sorts=self.sorts, search=self.search, conditions=self.conditions
        )
        object.__setattr__(self, "statements", statements)
        object.__setattr__(self, "rows", rows)
        self.every.append(self)

    @property
    def title(self) -> str:
        """Its name as a heading."""
        return self.one[:1].upper() + self.one[1:]

    @property
    def kind(self) -> str:
        """Its name in the audit log and in names of code."""
        return self.one.replace(" ", "_").lower()
