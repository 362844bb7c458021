"""How a subject of the admin is described: where the API has it, and what of it people look at first.

Source: docs/spec/web.md#areas.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from quote_service.platform.callers.access import Role

ColumnKind = Literal[
    "text",
    "code",
    "id",
    "instant",
    "tag",
    "switch",
    "amount",
    "number",
    "words",
    "json",
    "changes",
    "alarm",
    "reasons",
    "title",
]

_AS_THE_API: Mapping[str, str] = MappingProxyType({})


class Column(NamedTuple):
    """A column of a list: its heading, the member it shows (`a.b` for one within another), and how.

    `words` say what a value is called where its name of the API says too little.
    """

    label: str
    member: str
    kind: ColumnKind = "text"
    words: Mapping[str, str] = _AS_THE_API


class Filter(NamedTuple):
    """A parameter of the API's list; one of `choices` where there are any, or of the objects that the API lists at `of`."""

    name: str
    label: str
    choices: tuple[str, ...] = ()
    of: str = ""
    words: Mapping[str, str] = _AS_THE_API
    #: Where a link leads here by it, and nobody would write it.
    is_linked: bool = False


class View(NamedTuple):
    """A part of a list that people look at by itself: its name, the filters that make it, and what it holds."""

    label: str
    given: tuple[tuple[str, str], ...]
    about: str


class Reference(NamedTuple):
    """A member that is the id of another object: the area and the API's path of that, and the member that names it."""

    member: str
    area: str
    path: str
    title: str = "name"


class Action(NamedTuple):
    """Something that is done to one object, beyond changing it.

    `warning` is asked before; `needs_version` sends the version that was seen; `only_when` is what a member must be. With a
    `draft` it has a form of its own, which says what it is `about`; `preview` is the query by which the API says what it would do, and `is_question` says that
    the answer is all there is to it. `by` is the member that the API's path has. `only_when` without values asks for a member
    that is not null, and no empty list; `shows_once` names the member of the answer that is a link to copy. `has_body` sends an empty document;
    what `removes` leads to the list, for there is nothing left to look at; `done` is what is said once it was.
    """

    name: str
    label: str
    method: str
    path: str
    warning: str = ""
    needs_version: bool = True
    only_when: tuple[str, tuple[str, ...]] | None = None
    roles: tuple[Role, ...] = ("pricing_manager",)
    asks_reason: bool = False
    draft: str = ""
    preview: tuple[str, str] | None = None
    is_question: bool = False
    by: str = "id"
    shows_once: str = ""
    has_body: bool = False
    removes: bool = False
    about: str = ""
    also_when: tuple[str, tuple[str, ...]] | None = None
    done: str = ""


class Beside(NamedTuple):
    """A list that belongs to one object: its heading, its path below the object's, its columns; `is_paged` as the API has it."""

    label: str
    path: str
    columns: tuple[Column, ...]
    is_paged: bool = True


class Subject(NamedTuple):
    """A subject of the admin.

    `draft` names the body that creates one, `change` the one that replaces or patches it; empty where the API has none.
    """

    area: str
    one: str
    many: str
    about: str
    path: str
    columns: tuple[Column, ...]
    title: str = "name"
    filters: tuple[Filter, ...] = ()
    draft: str = ""
    change: str = ""
    #: What a member must be for it to be changed; None: it may always be.
    change_when: tuple[str, tuple[str, ...]] | None = None
    change_method: str = "PUT"
    actions: tuple[Action, ...] = ()
    beside: tuple[Beside, ...] = ()
    #: A list of its own below the list.
    below: Beside | None = None
    readers: tuple[Role, ...] = ("pricing_manager", "analyst")
    writers: tuple[Role, ...] = ("pricing_manager",)
    #: Where its versions are: under its `name`, as a `history` of its own, or nowhere.
    versions: Literal["", "by_name", "history"] = ""
    #: What brings the first one where nobody writes them here: in words, and a page by its name and path.
    first: tuple[str, str, str] | None = None
    #: Pages about all of them: a name, and a path.
    pages: tuple[tuple[str, str], ...] = ()
    #: Which parts of a draft lie in the playground's "What if": `rule`, `rate`, or nothing.
    playground: str = ""
    #: Members that are shown by the name of what they lead to.
    references: tuple[Reference, ...] = ()
    #: What a new one is, where that is something else than what the list holds.
    about_new: str = ""
    #: Parts of its list as tabs; the first is shown where the address names no filter.
    views: tuple[View, ...] = ()


ACTIVE = Filter("is_active", "Active", ("true", "false"))
UPDATED = Column("Changed", "updated_at", "instant")
