"""SQL declared once: a function's signature says what a statement of its own name takes and answers.

    STATEMENTS = Statements(__file__, "sellers")          # sql/sellers.sql beside this module

    @STATEMENTS.query(missing="There is no such seller")
    async def read_seller(connection: Connection, seller_id: UUID) -> SellerRecord:
        \"\"\"A seller. Raises NotFound.\"\"\"

The signature is read once, at import, and the function is written out from it: a call costs what one typed by hand does.
`tests/postgres/test_statements.py` prepares every statement on the real schema and compares it with its signature.

Source: docs/decisions/statements.md.
"""

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from inspect import Parameter, signature
from types import MappingProxyType, SimpleNamespace
from typing import Any, ClassVar, TypeVar, cast, get_type_hints

import msgspec

from quote_service.platform.postgres.queries import QueryMissing, load_queries
from quote_service.platform.postgres.statement_arguments import Argument, arguments_of
from quote_service.platform.postgres.statement_rows import Affected as Affected
from quote_service.platform.postgres.statement_rows import Answer, Reading
from quote_service.platform.system.errors import NotFound

Function = TypeVar("Function", bound=Callable[..., Any])
_PLAN_FOR_VALUES = "SELECT set_config('plan_cache_mode', 'force_custom_plan', true)"
_NONE: Mapping[str, Any] = MappingProxyType({})

_encode = msgspec.json.Encoder().encode


def json_text(value: Any) -> str:
    """A value as the text of a JSON column, for `arguments=`."""
    return _encode(value).decode()


@dataclass(frozen=True)
class Query:
    """A declared statement: its text for PostgreSQL, and what its signature says of parameters and columns."""

    text: str
    arguments: tuple[Argument, ...]
    answer: Answer
    missing: str | None
    timeout: float | None
    custom_plan: bool

    def __post_init__(self) -> None:
        if self.missing is not None and self.answer.fetch == "fetch":
            raise TypeError("an answer of many rows misses none")


class Statements(Mapping[str, str]):
    """The statements of one file by name, and the functions that are made from them.

    Args:
        beside: The module that declares them, its `__file__`; the folder `sql` stands beside it.
        subject: The name of the file.
        shared: Texts that its statements may name, beside those that stand before them in the file.

    Raises:
        QueryMissing: There is no such file, or no text that one of its statements names.
    """

    every: ClassVar["list[Statements]"] = []

    def __init__(self, beside: str, subject: str, shared: Mapping[str, str] = _NONE) -> None:
        self.subject = subject
        self.beside = beside
        self.queries: dict[str, Query] = {}
        self._texts = load_queries(beside, subject, shared)
        self.every.append(self)

    def __getitem__(self, name: str) -> str:
        declared = self.queries.get(name)
        return self._texts[name] if declared is None else declared.text

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def query(
        self,
        *,
        missing: str | None = None,
        row: Callable[[Any], Any] | None = None,
        columns: Mapping[str, tuple[Any, ...]] = _NONE,
        key: str | tuple[str, ...] | None = None,
        arguments: Mapping[str, Callable[[Any], Any]] = _NONE,
        custom_plan: bool = False,
        timeout: float | None = None,
    ) -> Callable[[Function], Function]:
        """Make a function that runs the statement of its name; its body is its docstring.

        Args:
            missing: What NotFound says where there is no row.
            row: Makes the answer, or one of its elements, of a row whose columns are not its fields.
            columns: By field, a function and the columns that it makes the field's value of.
            key: The columns of a mapping's key, where its value has them too.
            arguments: By parameter, or path of one, a function that makes what is sent of it; None is sent as it is.
            custom_plan: Plan it with the values of each call, so that filters that are not given fold away; for a transaction.
            timeout: Seconds that the driver waits, in place of the pool's own.

        Raises:
            QueryMissing: There is no statement of the function's name.
            TypeError: The statement has other parameters than the function, or a type cannot be read.
        """

        def declare(function: Function) -> Function:
            name = function.__name__
            if name in self.queries:
                raise QueryMissing(f"{self.subject}.sql: {name} is declared twice")
            try:
                hints = _hints(function)
                answered = hints.pop("return")
                text, sent = arguments_of(self._texts[name], hints, arguments)
                answer = Reading(row, columns, key).answer(answered)
                if missing is not None and answer.fetch == "execute":
                    answer = replace(answer, fetch="fetchrow", columns=None)
                self.queries[name] = Query(text, sent, answer, missing, timeout, custom_plan)
            except TypeError as mistake:
                raise TypeError(f"{self.subject}.sql, {name}: {mistake}") from mistake
            return _written_out(function, f"<{self.subject}.sql: {name}>", self.queries[name])

        return declare


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    """The types of all but the first parameter, the connection: that one is a text even at run time."""
    _, *named = signature(function).parameters
    annotations = {name: function.__annotations__[name] for name in (*named, "return")}
    return get_type_hints(SimpleNamespace(__annotations__=annotations), function.__globals__, include_extras=True)


def _written_out(function: Function, file: str, query: Query) -> Function:
    first, *_ = parameters = list(signature(function).parameters.values())
    sent = ", ".join(["_text", *(each.expression for each in query.arguments)])
    names: dict[str, Any] = {"_text": query.text}
    body = list[str]()
    if query.custom_plan:
        names["_plan"] = _PLAN_FOR_VALUES
        body.append(f"await {first.name}.execute(_plan)")
    if query.timeout is not None:
        names["_timeout"], sent = query.timeout, f"{sent}, timeout=_timeout"
    body.append(f"_found = await {first.name}.{query.answer.fetch}({sent})")
    if query.missing is not None:
        names |= {"_NotFound": NotFound, "_missing": query.missing}
        body.append("if _found is None: raise _NotFound(_missing)")
    body.append(f"return {query.answer.expression}")
    for argument in query.arguments:
        names |= argument.names
    names |= query.answer.names
    source = "\n    ".join([f"async def {function.__name__}({_head(parameters)}):", *body])
    # As dataclasses do it: all of the source is names of ours, and nothing that anybody sends is in it.
    exec(compile(source, file, "exec"), names)  # noqa: S102
    made = names[function.__name__]
    made.__defaults__, made.__kwdefaults__ = function.__defaults__, function.__kwdefaults__
    return cast("Function", functools.update_wrapper(made, function))


def _head(parameters: list[Parameter]) -> str:
    parts = list[str]()
    for each in parameters:
        if each.kind is Parameter.KEYWORD_ONLY and "*" not in parts:
            parts.append("*")
        parts.append(each.name if each.default is Parameter.empty else f"{each.name}=None")
    return ", ".join(parts)
